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

/** Of uint8 RGB. */
export function channelsOf(data: Uint8Array): Channels {
  let [r, g, b, rr, gg, bb] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < data.length; i += 3) {
    const x = data[i] as number;
    const y = data[i + 1] as number;
    const z = data[i + 2] as number;
    r += x;
    g += y;
    b += z;
    rr += x * x;
    gg += y * y;
    bb += z * z;
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
