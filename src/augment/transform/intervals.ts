/** Intervals from one number. */
import { mapSchedule, parseOptions, type Scheduled, scheduled } from '../../core/index.js';

export const exact = <T>(value: T): [T, T] => [value, value];

/** What a single number stands for: `boxBlur(5)` is `boxBlur({ size: [5, 5] })`. */
export const exactly =
  <K extends string>(key: K) =>
  (value: Scheduled): Record<K, [Scheduled, Scheduled]> =>
    ({ [key]: exact(value) }) as Record<K, [Scheduled, Scheduled]>;

/** What a single number stands for where the quantity has a sign: `rotate(30)` is `rotate({ angle: [-30, 30] })`. */
export const symmetric =
  <K extends string>(owner: string, key: K, most: number) =>
  (given: Scheduled): Record<K, [Scheduled, Scheduled]> =>
    ({ [key]: plusMinusOf(owner, most, given) }) as Record<K, [Scheduled, Scheduled]>;

/** ±d, where d is a number or a schedule in 0..`most`. */
export function plusMinusOf(owner: string, most: number, given: Scheduled): [Scheduled, Scheduled] {
  const d = parseOptions(owner, scheduled(0, most), given);
  return [mapSchedule(d, (v) => (v === 0 ? 0 : -v)), d];
}
