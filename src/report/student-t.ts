/** Student's t-distribution for whole degrees of freedom, and the interval of a mean that rests on it. */
import { expected, UsageError } from '../core/index.js';
import { meanAndStd, type Spread } from './spread.js';

/** The mean of several values, and where the mean of very many would be. */
export interface Interval extends Spread {
  /** Absent for fewer than two values. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * Mean and two-sided t-interval: mean ± t(n − 1) · s / √n, for independent values that are roughly normal.
 *
 * @param level share of such intervals that hold the true mean, default 0.95
 * @returns undefined without values; no interval for a single one
 *
 * @example
 * meanInterval([1, 2, 3])?.high?.toFixed(3) // → '4.484'
 */
export function meanInterval(values: readonly number[], level = 0.95): Interval | undefined {
  const spread = meanAndStd(values);
  if (spread?.deviation === undefined) return spread;
  const { count, mean, deviation } = spread;
  const half = (studentQuantile((1 + level) / 2, count - 1) * deviation) / Math.sqrt(count);
  return { ...spread, low: mean - half, high: mean + half };
}

/**
 * The t below which a share `p` of Student's t-distribution lies, by bisection of the exact distribution (Abramowitz and
 * Stegun, 26.7.3 and 26.7.4).
 *
 * @throws {UsageError} if p is not in [0.5, 1), or if the degrees of freedom are no whole number ≥ 1
 *
 * @example
 * studentQuantile(0.975, 2).toFixed(3) // → '4.303'
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p >= 0.5 && p < 1)) throw new UsageError(expected('studentQuantile', 'p in [0.5, 1)', p));
  if (!(Number.isInteger(degrees) && degrees >= 1))
    throw new UsageError(expected('studentQuantile', 'whole degrees of freedom ≥ 1', degrees));
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return Math.sqrt(degrees) * Math.tan(low);
    if (within(middle, degrees) < 2 * p - 1) low = middle;
    else high = middle;
  }
}

/** The share of the distribution within ±√degrees · tan(angle). */
function within(angle: number, degrees: number): number {
  const odd = degrees % 2 === 1;
  const cosine = Math.cos(angle);
  let term = odd ? cosine : 1;
  let sum = 0;
  for (let power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (cosine ** 2 * (power + 1)) / (power + 2);
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
