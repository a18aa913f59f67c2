/**
 * Tables for separable resampling: for each output position, the first input and the weights of the inputs. Weights have
 * 14 fractional bits and sum to exactly one, so constant areas do not change.
 */

import { borderIndex, type Smooth } from './geometry.js';

export const WEIGHT_BITS = 14;

export interface Filter {
  /** Inputs to each output: 2 or a multiple of 4, as the kernels require; the last may have weight 0. */
  readonly taps: number;
  readonly first: Int32Array;
  /** [size, taps] */
  readonly weights: Int16Array;
}

/** Rounds a width in inputs up to one that the kernels support. */
export const tapsOf = (inputs: number): number => (inputs <= 2 ? 2 : 4 * Math.ceil(Math.ceil(inputs) / 4));

interface Kernel {
  /** Distance from which it is 0, in input pixels. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** Linear; Keys' cubic with a = −1/2; Lanczos with three lobes: as Pillow has them. */
const KERNELS: Readonly<Record<Smooth, Kernel>> = {
  bilinear: { support: 1, weight: (t) => Math.max(0, 1 - t) },
  bicubic: {
    support: 2,
    weight: (t) => (t < 1 ? (1.5 * t - 2.5) * t * t + 1 : t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0),
  },
  lanczos: { support: 3, weight: (t) => (t < 3 ? sinc(t) * sinc(t / 3) : 0) },
};

const sinc = (t: number) => (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t));

/**
 * Weights around center = scale·(i + ½) + offset over the inputs low..high-1; with antialias the kernel widens
 * as the image shrinks, as in Pillow.
 */
export function smooth(
  kind: Smooth,
  size: number,
  scale: number,
  offset: number,
  low: number,
  high: number,
  antialias: boolean,
): Filter {
  const { support, weight } = KERNELS[kind];
  const stretch = antialias ? Math.max(1, Math.abs(scale)) : 1;
  const kernel = (t: number) => weight(Math.abs(t) / stretch);
  return filter(size, scale, offset, low, high, support * stretch, kernel);
}

/** Any kernel of a distance in input pixels that vanishes from `support` on. */
export function filter(
  size: number,
  scale: number,
  offset: number,
  low: number,
  high: number,
  support: number,
  kernel: (distance: number) => number,
): Filter {
  const taps = tapsOf(2 * support);
  const first = new Int32Array(size);
  const weights = new Int16Array(size * taps);
  const raw = new Float64Array(taps);
  for (let i = 0; i < size; i++) {
    const center = scale * (i + 0.5) + offset;
    const begin = Math.max(low, Math.floor(center - support + 0.5));
    const end = Math.min(high, Math.floor(center + support + 0.5), begin + taps);
    let sum = 0;
    for (let k = begin; k < end; k++) {
      raw[k - begin] = kernel(k - center + 0.5);
      sum += raw[k - begin] as number;
    }
    if (sum > 0) {
      first[i] = begin;
      quantize(raw, end - begin, sum, weights, i * taps);
    } else {
      // A center on the edge of the window uses the nearest pixel.
      first[i] = Math.min(high - 1, Math.max(low, Math.floor(center)));
      weights[i * taps] = 1 << WEIGHT_BITS;
    }
  }
  return { taps, first, weights };
}

/**
 * Rounds shares of a sum and adds the rounding error to the largest share. Two equally large shares get half each, so a
 * mirrored kernel has mirrored weights.
 */
export function quantize(
  raw: Float64Array,
  count: number,
  sum: number,
  weights: Int16Array,
  at: number,
): void {
  const one = 1 << WEIGHT_BITS;
  let left = one;
  let largest = 0;
  let other = 0;
  let most = (raw[0] as number) / sum;
  for (let k = 0; k < count; k++) {
    const share = (raw[k] as number) / sum;
    const weight = Math.round(share * one);
    weights[at + k] = weight;
    left -= weight;
    if (share > most - 1e-9) other = k;
    if (share > most + 1e-9) {
      largest = k;
      most = share;
    }
  }
  const half = other > largest ? Math.trunc(left / 2) : 0;
  weights[at + largest] = (weights[at + largest] as number) + left - half;
  weights[at + other] = (weights[at + other] as number) + half;
}

/**
 * Convolution with an odd kernel of positive weights; beyond the edge the image is mirrored without its edge
 * pixel twice, which here means that weights fold back.
 */
export function convolution(size: number, kernel: readonly number[]): Filter {
  const reach = kernel.length >> 1;
  const taps = tapsOf(2 * reach + 1);
  const sum = kernel.reduce((total, w) => total + w, 0);
  const first = new Int32Array(size);
  const weights = new Int16Array(size * taps);
  const raw = new Float64Array(taps);
  for (let i = 0; i < size; i++) {
    const begin = Math.max(0, i - reach);
    raw.fill(0);
    kernel.forEach((w, k) => {
      raw[borderIndex(i + k - reach, 0, size, 'reflect') - begin]! += w;
    });
    first[i] = begin;
    quantize(raw, taps, sum, weights, i * taps);
  }
  return { taps, first, weights };
}
