/** Intervals of one value. */
import type { Scheduled } from '../../core/index.js';

export const exact = <T>(value: T): [T, T] => [value, value];

/** What a single number stands for: `boxBlur(5)` is `boxBlur({ size: [5, 5] })`. */
export const exactly =
  <K extends string>(key: K) =>
  (value: Scheduled): Record<K, [Scheduled, Scheduled]> =>
    ({ [key]: exact(value) }) as Record<K, [Scheduled, Scheduled]>;
