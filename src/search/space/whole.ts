/** Magnitudes of which only whole numbers are applied: one law for what is searched, applied, counted and written. */
import type { Magnitude } from './search-op.js';

/** Errors of rounding are no part of a range. */
const SLIP = 1e-9;

/**
 * The whole numbers that are nearest to the magnitudes of a range, from the first to the last; they are drawn equally
 * often, also those at its ends. Where the bounds are whole numbers, all lie within them.
 *
 * @example wholeRange(2.6, 5.2) // → [ 3, 5 ]
 */
export function wholeRange(low: number, high: number): [first: number, last: number] {
  const [first, last] = [Math.floor(low + 0.5 + SLIP), Math.ceil(high - 0.5 - SLIP)];
  const middle = Math.round((low + high) / 2);
  return first <= last ? [first, last] : [middle, middle];
}

/** The whole number at a place of a range, 0 at its low end and 1 at its high one: each has the same share of the places. */
export function wholeAt(low: number, high: number, place: number): number {
  const [first, last] = wholeRange(low, high);
  return Math.min(last, first + Math.floor(place * (last - first + 1)));
}

/** Mean and variance of what is applied of a range, and its mean distance from neutral. */
export function momentsOf(
  { whole, neutral }: Pick<Magnitude, 'whole' | 'neutral'>,
  low: number,
  high: number,
): { readonly mean: number; readonly variance: number; readonly distance: number } {
  if (!whole)
    return {
      mean: (low + high) / 2,
      variance: (high - low) ** 2 / 12,
      distance: meanDistance(low, high, neutral),
    };
  const [first, last] = wholeRange(low, high);
  const count = last - first + 1;
  let sum = 0;
  for (let k = first; k <= last; k++) sum += Math.abs(k - neutral);
  return { mean: (first + last) / 2, variance: (count ** 2 - 1) / 12, distance: sum / count };
}

/** E|m − neutral| of m uniform in [low, high]. */
function meanDistance(low: number, high: number, neutral: number): number {
  if (neutral <= low || neutral >= high || low === high) return Math.abs((low + high) / 2 - neutral);
  return ((neutral - low) ** 2 + (high - neutral) ** 2) / (2 * (high - low));
}
