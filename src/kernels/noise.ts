/**
 * Keyed noise at the speed of a table lookup. Threefry gives each row a key of 64 bits; a counter hash under
 * it gives 32 bits for every two values; 16 bits become a quantile of some distribution, interpolated in a
 * table of 4096 steps; and
 *
 *     out = clip((base[v] + spread[v] · z) / 2²⁰),    z with 12 fractional bits.
 *
 * All arithmetic is in integers, so the kernel `noiseRow` gives the same bytes. The hash is the two-round xorshift and
 * multiply of Wellons ("Prospecting for hash functions", 2018), with half of the key added to the counter and
 * half put between the rounds.
 */
import { fold, type Key } from '../core/random.js';
import type { FastStep } from './engine/fast.js';
import type { RowStep } from './raster.js';

const STEPS = 4096;
/** Fractional bits of z, and of what it is multiplied by. */
const Z_BITS = 12;
const SPREAD_BITS = 8;
const BITS = Z_BITS + SPREAD_BITS;

/** A distribution: its quantiles at 0, 1/4096 … 1 in 12 fractional bits. */
export type Quantiles = Int16Array;

export interface Noise {
  readonly key: Key;
  readonly quantiles: Quantiles;
  /** The result for z = 0, and the change by z, for each value, in levels. */
  readonly base: (value: number) => number;
  readonly spread: (value: number) => number;
  /** Whether the three channels of a pixel have the same z. */
  readonly shared?: boolean;
}

/** 32 bits from a counter under the key of a row. */
export function scramble(a: number, b: number, counter: number): number {
  let x = (Math.imul(counter, 0x9e3779b9) + a) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) ^ b;
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

export interface NoiseStep {
  readonly run: RowStep;
  readonly fast: FastStep;
}

/** A step that adds noise to every value, with its version on the kernels. */
export function addNoise(noise: Noise): NoiseStep {
  const { key, shared = false } = noise;
  const tables = tablesOf(noise);
  const quantiles = noise.quantiles;
  const run: RowStep = (row, y) => {
    const { a, b } = fold(key, y);
    let bits = 0;
    for (let i = 0, n = 0; i < row.length; n++) {
      bits = n & 1 ? bits >>> 16 : scramble(a, b, n >> 1);
      const z = interpolate(quantiles, bits & 0xffff);
      for (const end = shared ? i + 3 : i + 1; i < end; i++) {
        const v = row[i] as number;
        const out = ((tables[2 * v] as number) + Math.imul(tables[2 * v + 1] as number, z)) >> BITS;
        row[i] = out < 0 ? 0 : out > 255 ? 255 : out;
      }
    }
  };
  const fast: FastStep = (kernels, regions, place) => {
    const at = regions.at(`noise ${place}`, 4 * 512 + 2 * quantiles.length);
    regions.int32(at, 512).set(tables);
    regions.int16(at + 2048, quantiles.length).set(quantiles);
    return (data, y0, y1, width) => {
      for (let y = y0; y < y1; y++, data += 3 * width) {
        const { a, b } = fold(key, y);
        kernels.noiseRow(data, width, a, b, at, Number(shared));
      }
    };
  };
  return { run, fast };
}

/** The quantile at u/65536: between two entries by the four low bits. */
function interpolate(quantiles: Quantiles, u: number): number {
  const low = quantiles[u >> 4] as number;
  const rise = (quantiles[(u >> 4) + 1] as number) - low;
  return low + ((rise * (2 * (u & 15) + 1) + 16) >> 5);
}

/** A standard normal number under the key of a row. */
export const normalAt = ({ a, b }: Key, counter: number): number =>
  interpolate(normalQuantiles(), scramble(a, b, counter) >>> 16) / 2 ** Z_BITS;

/** base and spread [256, 2] in fixed point; ½ is added to the base, so the shift rounds. */
function tablesOf({ base, spread }: Noise): Int32Array {
  const tables = new Int32Array(512);
  for (let v = 0; v < 256; v++) {
    tables[2 * v] = Math.round(base(v) * 2 ** BITS) + 2 ** (BITS - 1);
    tables[2 * v + 1] = Math.round(spread(v) * 2 ** SPREAD_BITS);
  }
  return tables;
}

const tableOfQuantiles = (quantile: (i: number) => number): Quantiles =>
  Int16Array.from({ length: STEPS + 1 }, (_, i) => Math.round(quantile(i) * 2 ** Z_BITS));

/** Uniform in [−1, 1]. */
export const UNIFORM: Quantiles = tableOfQuantiles((i) => i / (STEPS / 2) - 1);

let normals: Quantiles | undefined;

/** N(0, 1); beyond the outermost steps a straight tail to where the variance is exactly one. Made at first use. */
export function normalQuantiles(): Quantiles {
  normals ??= normal();
  return normals;
}

function normal(): Quantiles {
  const q = Array.from({ length: STEPS + 1 }, (_, i) =>
    i === 0 || i === STEPS ? 0 : inverseNormal(i / STEPS),
  );
  // The second moment of a straight piece from a to b is (a² + ab + b²)/3; the two tails get what is missing.
  let left = 3 * STEPS;
  for (let i = 1; i < STEPS - 1; i++) {
    const [a, b] = [q[i] as number, q[i + 1] as number];
    left -= a * a + a * b + b * b;
  }
  const last = q[STEPS - 1] as number;
  const end = (-last + Math.sqrt(last * last - 4 * (last * last - left / 2))) / 2;
  q[0] = -end;
  q[STEPS] = end;
  return tableOfQuantiles((i) => q[i] as number);
}

/** The quantile of N(0, 1) at p: a rational approximation (Abramowitz and Stegun, 26.2.23), then Newton's steps. */
export function inverseNormal(p: number): number {
  if (p > 0.5) return -inverseNormal(1 - p);
  const r = Math.sqrt(-2 * Math.log(p));
  let z =
    -r +
    (2.515517 + 0.802853 * r + 0.010328 * r * r) / (1 + 1.432788 * r + 0.189269 * r * r + 0.001308 * r ** 3);
  for (let i = 0; i < 3; i++) z -= (normalBelow(z) - p) / (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
  return z;
}

/** The distribution function of N(0, 1): the continued fraction of Laplace in the tail, a series elsewhere. */
export function normalBelow(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const x = Math.abs(z);
  let above = 0;
  if (x > 3) {
    let fraction = x;
    for (let k = 40; k >= 1; k--) fraction = x + k / fraction;
    above = density / fraction;
  } else {
    let term = x;
    let sum = x;
    for (let k = 3; k < 80; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    above = 0.5 - density * sum;
  }
  return z > 0 ? 1 - above : above;
}
