/**
 * Shorthands of transforms with an interval as their main option. A pair is the interval itself:
 * `rotate([30, 30])`. What a single number means depends on the quantity: that value for sizes and strengths
 * (`boxBlur(5)`), a symmetric range for signed ones (`rotate(30)`: −30 to 30).
 */
import { mapSchedule, parseOptions, type Scheduled, scheduled } from '../../core/index.js';

type Pair = [low: Scheduled, high: Scheduled];
/** A number, a schedule, or [low, high]. */
export type Shorthand = Scheduled | Pair;

export const exact = <T>(value: T): [T, T] => [value, value];

/** Exactly this value: `boxBlur(5)` is `boxBlur({ size: [5, 5] })`. */
export const exactly =
  <K extends string>(key: K) =>
  (given: Shorthand): Record<K, Pair> =>
    ({ [key]: Array.isArray(given) ? given : exact(given) }) as Record<K, Pair>;

/** The same for a value in `least`..`most`; errors are about that one number. */
export const exactlyWithin =
  <K extends string>(owner: string, key: K, least: number, most: number) =>
  (given: Shorthand): Record<K, Pair> => {
    const one = Array.isArray(given) ? given : parseOptions(owner, scheduled(least, most), given);
    return exactly(key)(one);
  };

/** A symmetric range of a signed quantity: `rotate(30)` is `rotate({ angle: [-30, 30] })`. */
export const symmetric =
  <K extends string>(owner: string, key: K, most: number) =>
  (given: Shorthand): Record<K, Pair> =>
    ({ [key]: plusMinusOf(owner, most, given) }) as Record<K, Pair>;

/** ±d for a number or a schedule in 0..`most`; a pair as it is. */
export function plusMinusOf(owner: string, most: number, given: Shorthand): Pair {
  if (Array.isArray(given)) return given;
  const d = parseOptions(owner, scheduled(0, most), given);
  return [mapSchedule(d, (v) => (v === 0 ? 0 : -v)), d];
}
