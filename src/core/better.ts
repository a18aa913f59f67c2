/** Which of two values of a metric is better, by one rule wherever a best one is kept. */

/**
 * Whether a value beats the best one so far by more than `minDelta`. Any number beats NaN, by however little; NaN beats
 * nothing, and is the best only as long as there is no other value.
 */
export function isBetter(
  value: number,
  best: number | undefined,
  direction: 'min' | 'max',
  minDelta = 0,
): boolean {
  if (best === undefined) return true;
  if (Number.isNaN(best)) return !Number.isNaN(value);
  return (direction === 'max' ? value - best : best - value) > minDelta;
}
