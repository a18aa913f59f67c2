/** What the numbers that a model gave for one image mean. */
import { rounded } from '../rounded.js';
import type { ModelQuery, Scored } from './scoring.js';

/** How far probabilities may be from a sum of 1, or outside of 0..1. */
const SLACK = 0.01;

/** @param own the model's number of the class that the image has, where it is asked about */
export function scoredBy(
  { gives, label }: Pick<ModelQuery, 'gives' | 'label'>,
  values: ArrayLike<number>,
  own?: number,
): Scored {
  const numbers = Array.from(values);
  const odd = numbers.find((value) => !Number.isFinite(value));
  if (odd !== undefined) return { failed: `the model gives ${odd} for it` };
  if (!gives) return { score: rounded(numbers[0] as number) };
  const shares = gives === 'logits' ? softmax(numbers) : numbers;
  if (gives === 'probabilities') {
    const sum = shares.reduce((total, share) => total + share, 0);
    if (Math.abs(sum - 1) > SLACK || shares.some((share) => share < -SLACK))
      return {
        failed: `the model gives no probabilities for it: they sum to ${rounded(sum)}, the least is ${rounded(Math.min(...shares))}`,
      };
  }
  let as = 0;
  for (let k = 1; k < shares.length; k++) if ((shares[k] as number) > (shares[as] as number)) as = k;
  const top = rounded(shares[as] as number);
  return label && own !== undefined ? { own: rounded(shares[own] as number), top, as } : { top, as };
}

function softmax(logits: readonly number[]): number[] {
  const largest = logits.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  const powers = logits.map((x) => Math.exp(x - largest));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}
