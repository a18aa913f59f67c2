/** Figures of a report in words. Accuracies are shares, in [0, 1]; their differences are in points, hundredths. */

import { printable } from '../../core/index.js';
import { percent } from '../../report/format.js';

const MINUS = '−';

/** 0.0193 → '+1.9'. A difference that is not 0 is never shown as 0.0, down to thousandths of a point. */
export function points(difference: number): string {
  const value = 100 * difference;
  const digits = [1, 2, 3].find((count) => Number(value.toFixed(count)) !== 0) ?? 1;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? MINUS : '+'}${text}`;
}

/** An interval of differences: '+0.4 to +3.4'. */
export const range = (low: number, high: number): string => `${points(low)} to ${points(high)}`;

/** '1 pair', '2 pairs' */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Three significant digits, with a true minus. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(3))).replace(/^-/, MINUS);
}

/** A magnitude, to about a thousandth of what it may span. */
export function magnitudeWords(
  value: number,
  { low, high }: { readonly low: number; readonly high: number },
): string {
  const span = Math.abs(high - low);
  const digits = span > 0 ? Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(span)))) : 3;
  return String(Number(value.toFixed(digits))).replace(/^-/, MINUS);
}

/** The same as `brief`, with a plus. */
export const signed = (value: number): string => `${value > 0 ? '+' : ''}${brief(value)}`;

/** A share in per cent; one that is not 0 is never shown as 0.0. */
export const shareWords = (share: number): string =>
  share > 0 && share < 0.0005 ? '< 0.1 %' : percent(share);

/** What ops are worth that the chosen policy does not apply; nothing without such. */
export function elsewhereWords(worth: ReadonlyMap<string, number>): string | undefined {
  if (worth.size === 0) return undefined;
  const each = [...worth].map(([op, value]) => `${printable(op, 40)} ${signed(value)}`);
  return `Worth of ops that this policy does not apply, but that of another search: ${each.join(', ')}.`;
}
