/** Sums over pixels, from which mean and standard deviation of each channel follow exactly, whatever the order. */

/** Of one image, or of many. All are whole numbers below 2^53: 10^11 pixels. */
export interface Channels {
  readonly pixels: number;
  /** By channel. */
  readonly sum: readonly number[];
  readonly squares: readonly number[];
}

type Rgb = [red: number, green: number, blue: number];

export const NO_PIXELS: Channels = { pixels: 0, sum: [0, 0, 0], squares: [0, 0, 0] };

/** Pixels whose squares are summed in 32 bits: 255² of each stay below 2^31. */
const BLOCK = 32_768;

/** Of uint8 RGB. */
export function channelsOf(data: Uint8Array): Channels {
  let [r, g, b, rr, gg, bb] = [0, 0, 0, 0, 0, 0];
  for (let from = 0; from < data.length; from += 3 * BLOCK) {
    const to = Math.min(data.length, from + 3 * BLOCK);
    // Whole numbers of 32 bits are twice as quick as those of 64.
    let [sr, sg, sb, srr, sgg, sbb] = [0, 0, 0, 0, 0, 0];
    for (let i = from; i < to; i += 3) {
      const x = data[i] as number;
      const y = data[i + 1] as number;
      const z = data[i + 2] as number;
      sr = (sr + x) | 0;
      sg = (sg + y) | 0;
      sb = (sb + z) | 0;
      srr = (srr + Math.imul(x, x)) | 0;
      sgg = (sgg + Math.imul(y, y)) | 0;
      sbb = (sbb + Math.imul(z, z)) | 0;
    }
    r += sr;
    g += sg;
    b += sb;
    rr += srr;
    gg += sgg;
    bb += sbb;
  }
  return { pixels: data.length / 3, sum: [r, g, b], squares: [rr, gg, bb] };
}

export function added(a: Channels, b: Channels): Channels {
  const each = (x: readonly number[], y: readonly number[]) => x.map((v, c) => v + (y[c] as number));
  return { pixels: a.pixels + b.pixels, sum: each(a.sum, b.sum), squares: each(a.squares, b.squares) };
}

/** Mean and standard deviation by channel, of values in 0..1, as `normalize` takes them. */
export function moments({ pixels, sum, squares }: Channels): { mean: Rgb; std: Rgb } {
  const n = Math.max(1, pixels);
  const each = (of: (c: 0 | 1 | 2) => number): Rgb => [of(0), of(1), of(2)];
  const mean = each((c) => (sum[c] as number) / n / 255);
  const std = each((c) => Math.sqrt(Math.max(0, (squares[c] as number) / n / 255 ** 2 - mean[c] ** 2)));
  return { mean, std };
}
