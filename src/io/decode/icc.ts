/**
 * RGB profiles of the matrix kind (Adobe RGB, Display P3, cameras, monitors) to sRGB, in place.
 *
 * A channel goes through its tone curve to light, three lights through one 3×3 matrix (profile primaries to
 * XYZ under D50, XYZ to sRGB primaries), and through the sRGB curve back to 0..255; colors outside sRGB are
 * clipped (ICC.1:2022, annex F.3). Profiles that hold tables instead are left to libvips.
 *
 * libvips would convert these too, but only by decoding the whole image itself. A JPEG of 500×375 with an sRGB
 * profile, as most cameras write, then takes 10 times the processor time, one of Display P3 twice; of 256×256 they
 * take 16 and 5 times.
 */

/** uint8 [N, 3] in place. */
export type ToSrgb = (pixels: Uint8Array) => void;

/** What a profile asks for; 'same' where its colors are those of sRGB. */
export type Conversion = ToSrgb | 'same' | undefined;

type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** Primaries of sRGB as columns of XYZ, adapted to D50 (IEC 61966-2-1). */
const SRGB: Matrix = [0.43607, 0.38515, 0.14307, 0.22249, 0.71687, 0.06061, 0.01392, 0.09708, 0.7141];
/** Steps of light in the table back to sRGB: fine enough for the steep dark end. */
const STEPS = 16_384;
const ENCODED = Uint8Array.from({ length: STEPS + 1 }, (_, i) => {
  const light = i / STEPS;
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
});

/** Profiles come in few kinds within a data set; the last ones are remembered. */
const REMEMBERED = 8;

export class Profiles {
  private readonly known: { bytes: Buffer; convert: Conversion }[] = [];

  /** The conversion of a whole profile, or undefined where it is of another kind, or damaged. */
  toSrgb(profile: Buffer): Conversion {
    for (const { bytes, convert } of this.known) if (bytes.equals(profile)) return convert;
    const made = matrixProfile(profile);
    const convert = made && changesNothing(made) ? 'same' : made;
    if (this.known.length === REMEMBERED) this.known.shift();
    this.known.push({ bytes: Buffer.from(profile), convert });
    return convert;
  }
}

/** Grays, and each color alone, at every level: true where none moves by more than a level. */
function changesNothing(convert: ToSrgb): boolean {
  const before = new Uint8Array(3 * 256 * 4);
  for (let i = 0; i < 256; i++) {
    before.fill(i, 12 * i, 12 * i + 3);
    for (let c = 0; c < 3; c++) before[12 * i + 3 + 4 * c] = i;
  }
  const after = before.slice();
  convert(after);
  return after.every((v, i) => Math.abs(v - (before[i] as number)) <= 1);
}

function matrixProfile(b: Buffer): ToSrgb | undefined {
  if (b.length < 132 || text(b, 16) !== 'RGB ' || text(b, 20) !== 'XYZ ') return undefined;
  const tags = new Map<string, Buffer>();
  const count = Math.min(b.readUInt32BE(128), Math.floor((b.length - 132) / 12));
  for (let i = 0; i < count; i++) {
    const at = 132 + 12 * i;
    const start = b.readUInt32BE(at + 4);
    tags.set(text(b, at), b.subarray(start, start + b.readUInt32BE(at + 8)));
  }
  if (tags.has('A2B0')) return undefined;
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((tag) => xyz(tags.get(tag)));
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((tag) => curve(tags.get(tag)));
  const [r, g, b3] = columns;
  const [fromR, fromG, fromB] = curves;
  if (!r || !g || !b3 || !fromR || !fromG || !fromB) return undefined;
  const profile: Matrix = [r[0], g[0], b3[0], r[1], g[1], b3[1], r[2], g[2], b3[2]];
  return conversion(product(inverse(SRGB), profile), fromR, fromG, fromB);
}

function conversion(m: Matrix, fromR: Float64Array, fromG: Float64Array, fromB: Float64Array): ToSrgb {
  const [a, b, c, d, e, f, g, h, k] = m.map((v) => v * STEPS) as unknown as Matrix;
  return (pixels) => {
    for (let i = 0; i + 2 < pixels.length; i += 3) {
      const x = fromR[pixels[i] as number] as number;
      const y = fromG[pixels[i + 1] as number] as number;
      const z = fromB[pixels[i + 2] as number] as number;
      pixels[i] = encoded(a * x + b * y + c * z);
      pixels[i + 1] = encoded(d * x + e * y + f * z);
      pixels[i + 2] = encoded(g * x + h * y + k * z);
    }
  };
}

function encoded(light: number): number {
  return ENCODED[light <= 0 ? 0 : light >= STEPS ? STEPS : (light + 0.5) | 0] as number;
}

/** 256 values of light from a `curv` or `para` tag. */
function curve(tag: Buffer | undefined): Float64Array | undefined {
  if (!tag || tag.length < 12) return undefined;
  const of = text(tag, 0) === 'curv' ? sampled(tag) : text(tag, 0) === 'para' ? parametric(tag) : undefined;
  if (!of) return undefined;
  const values = Float64Array.from({ length: 256 }, (_, i) => Math.min(1, Math.max(0, of(i / 255))));
  return values.every(Number.isFinite) ? values : undefined;
}

function sampled(tag: Buffer): ((x: number) => number) | undefined {
  const count = tag.readUInt32BE(8);
  if (tag.length < 12 + 2 * count) return undefined;
  if (count === 0) return (x) => x;
  if (count === 1) return (x) => x ** (tag.readUInt16BE(12) / 256);
  return (x) => {
    const at = x * (count - 1);
    const below = Math.min(count - 2, Math.floor(at));
    const [low, high] = [tag.readUInt16BE(12 + 2 * below), tag.readUInt16BE(14 + 2 * below)];
    return (low + (high - low) * (at - below)) / 65535;
  };
}

/** Function types 0 to 4 of ICC.1:2022, 10.18. */
function parametric(tag: Buffer): ((x: number) => number) | undefined {
  const kind = tag.readUInt16BE(8);
  const needed = [1, 3, 4, 5, 7][kind];
  if (needed === undefined || tag.length < 12 + 4 * needed) return undefined;
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: needed }, (_, i) =>
    fixed(tag, 12 + 4 * i),
  );
  if (kind === 0) return (x) => x ** g;
  if (kind === 1) return (x) => (x >= -b / a ? (a * x + b) ** g : 0);
  if (kind === 2) return (x) => (x >= -b / a ? (a * x + b) ** g + c : c);
  return (x) => (x >= d ? (a * x + b) ** g + e : c * x + f);
}

function xyz(tag: Buffer | undefined): readonly [number, number, number] | undefined {
  return tag && tag.length >= 20 ? [fixed(tag, 8), fixed(tag, 12), fixed(tag, 16)] : undefined;
}

/** s15Fixed16. */
function fixed(b: Buffer, at: number): number {
  return b.readInt32BE(at) / 65536;
}

function text(b: Buffer, at: number): string {
  return b.toString('latin1', at, at + 4);
}

function product(p: Matrix, q: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return [0, 1, 2].reduce((sum, k) => sum + (p[row + k] as number) * (q[3 * k + column] as number), 0);
  }) as unknown as Matrix;
}

function inverse([a, b, c, d, e, f, g, h, k]: Matrix): Matrix {
  const one = e * k - f * h;
  const two = f * g - d * k;
  const three = d * h - e * g;
  const det = a * one + b * two + c * three;
  const cofactors = [
    one,
    c * h - b * k,
    b * f - c * e,
    two,
    a * k - c * g,
    c * d - a * f,
    three,
    b * g - a * h,
    a * e - b * d,
  ];
  return cofactors.map((v) => v / det) as unknown as Matrix;
}
