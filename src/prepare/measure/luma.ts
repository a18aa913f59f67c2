/** Luma of decoded pixels, and its reduction, byte for byte as Pillow makes them. */

/** Gray levels of an image, uint8 [H, W]. */
export interface Luma {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Luma by ITU-R BT.601, as `convert('L')` of Pillow: `(19595 R + 38470 G + 7471 B + 32768) >> 16`. One channel is taken as
 * it is, a fourth one is ignored.
 *
 * @param pixels uint8 [H, W, C], C of 1, 3 or 4
 */
export function lumaOf(
  pixels: { readonly data: Uint8Array; readonly width: number; readonly height: number },
  channels = 3,
): Luma {
  const { data, width, height } = pixels;
  const size = width * height;
  if (channels === 1) return { data: data.subarray(0, size), width, height };
  const luma = new Uint8Array(size);
  for (let i = 0, p = 0; i < size; i++, p += channels)
    luma[i] =
      (19595 * (data[p] as number) +
        38470 * (data[p + 1] as number) +
        7471 * (data[p + 2] as number) +
        32768) >>
      16;
  return { data: luma, width, height };
}

/** Bits of the weights after the point: 32 less 8 of the values and 2 for overshoot. */
const BITS = 22;
const HALF = 1 << (BITS - 1);

interface Filter {
  /** First input of each output. */
  readonly first: Int32Array;
  readonly taps: Int32Array;
  /** `most` weights for each output. */
  readonly weights: Int32Array;
  readonly most: number;
}

/** Sizes repeat in a data set, so their weights are kept, up to so many. */
const KEPT = 256;
const filters = new Map<string, Filter>();

/**
 * Resampled with Lanczos' kernel of three lobes, widened where the image shrinks: `resize((w, h), LANCZOS)` of Pillow,
 * weights of 22 bits, rows first, 8 bits in between.
 */
export function resizeLuma(luma: Luma, width: number, height: number): Luma {
  const rows = width === luma.width ? luma : alongRows(luma, width);
  return height === rows.height ? rows : alongColumns(rows, height);
}

function alongRows({ data, width, height }: Luma, to: number): Luma {
  const { first, taps, weights, most } = filterFor(width, to);
  const out = new Uint8Array(to * height);
  for (let y = 0, o = 0; y < height; y++)
    for (let x = 0; x < to; x++, o++) {
      let sum = HALF;
      const from = y * width + (first[x] as number);
      for (let k = 0, w = x * most; k < (taps[x] as number); k++)
        sum += (data[from + k] as number) * (weights[w + k] as number);
      out[o] = clip(sum >> BITS);
    }
  return { data: out, width: to, height };
}

function alongColumns({ data, width, height }: Luma, to: number): Luma {
  const { first, taps, weights, most } = filterFor(height, to);
  const out = new Uint8Array(width * to);
  const sums = new Int32Array(width);
  for (let y = 0; y < to; y++) {
    sums.fill(HALF);
    for (let k = 0; k < (taps[y] as number); k++) {
      const w = weights[y * most + k] as number;
      const from = ((first[y] as number) + k) * width;
      for (let x = 0; x < width; x++) sums[x] = (sums[x] as number) + w * (data[from + x] as number);
    }
    for (let x = 0; x < width; x++) out[y * width + x] = clip((sums[x] as number) >> BITS);
  }
  return { data: out, width, height: to };
}

function filterFor(from: number, to: number): Filter {
  const key = `${from} ${to}`;
  const known = filters.get(key);
  if (known) return known;
  const scale = from / to;
  const wide = Math.max(1, scale);
  const support = 3 * wide;
  const most = 2 * Math.ceil(support) + 1;
  const first = new Int32Array(to);
  const taps = new Int32Array(to);
  const weights = new Int32Array(to * most);
  const exact = new Float64Array(most);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const n = Math.min(from, Math.trunc(center + support + 0.5)) - low;
    let sum = 0;
    for (let k = 0; k < n; k++) {
      exact[k] = lanczos((k + low - center + 0.5) * (1 / wide));
      sum += exact[k] as number;
    }
    for (let k = 0; k < n; k++) {
      const w = (exact[k] as number) * (sum === 0 ? 1 : 1 / sum) * (1 << BITS);
      weights[i * most + k] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5);
    }
    first[i] = low;
    taps[i] = n;
  }
  const made = { first, taps, weights, most };
  if (filters.size >= KEPT) filters.clear();
  filters.set(key, made);
  return made;
}

function lanczos(x: number): number {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
