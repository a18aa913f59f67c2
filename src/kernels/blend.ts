/** Weighted sums of images of one size: out = Σ wₖ·xₖ, weights of 14 bits that sum to one, rounded once. */
import { quantize, WEIGHT_BITS } from './filter.js';

const HALF = 1 << (WEIGHT_BITS - 1);

/** Shares of a sum in 14 bits; together exactly one. */
export function weightsOf(shares: readonly number[]): Int16Array {
  const weights = new Int16Array(shares.length);
  const sum = shares.reduce((total, w) => total + w, 0);
  quantize(Float64Array.from(shares), shares.length, sum, weights, 0);
  return weights;
}

/** The plain twin of the kernel `vertical`: rows of as many bytes as `out`. */
export function weightedSum(rows: readonly Uint8Array[], weights: Int16Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++) {
    let sum = HALF;
    for (let k = 0; k < rows.length; k++)
      sum += ((rows[k] as Uint8Array)[i] as number) * (weights[k] as number);
    out[i] = sum >>> WEIGHT_BITS;
  }
}
