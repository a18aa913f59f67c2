/** Sums over pixels, from which mean and standard deviation of each channel follow exactly, whatever the order. */
import { channelSums } from '../../kernels/index.js';

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
export const channelsOf = (data: Uint8Array): Channels => ({ pixels: data.length / 3, ...channelSums(data) });

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
