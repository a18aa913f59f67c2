/** Figures of a report in words. Accuracies are shares, in [0, 1]; their differences are in points, hundredths. */

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
