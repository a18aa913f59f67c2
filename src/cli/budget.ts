/** Times as people write them: '10m', '1h30m', '90s'. */
import { show, UsageError } from '../core/index.js';

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** Seconds of a time, for `argParser`. */
export function secondsOf(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
  const seconds = parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit as string] as number),
    0,
  );
  if (parts.map(([part]) => part).join('') === text.trim() && seconds > 0) return seconds;
  throw new UsageError(`--budget: expected a time such as 10m, 90s or 1h30m but received ${show(text)}`);
}
