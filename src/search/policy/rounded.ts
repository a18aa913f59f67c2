/** The numbers of a policy as they are written and applied. */
import { expected, UsageError } from '../../core/index.js';

/** What has a smaller share of a choice, or a smaller probability, is left out. */
export const LEAST = 1e-3;

const DIGITS = 4;

/** To four significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** Weights as shares of their sum; those below `LEAST` are 0 and the others take their place. */
export function oddsOf(where: string, weights: readonly number[]): number[] {
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new UsageError(expected(`${where}: weight`, 'a number ≥ 0', weight, 'fix the policy'));
  }
  const all = sum(weights);
  const kept = weights.map((weight) => (weight >= LEAST * all ? weight : 0));
  const left = sum(kept);
  return kept.map((weight) => (left > 0 ? weight / left : 0));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
