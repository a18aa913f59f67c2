/**
 * Tables that are digital lines: value(x) = ⌊(slope·x + offset) / 2^bits⌋ for every x, in 32-bit integers. Brightness,
 * contrast, inversion and autocontrast are such tables, and a SIMD kernel computes a line in a fraction of the
 * time of table lookups. Whether a table is a line is decided exactly, over all values: nothing is approximated.
 */

export interface Line {
  readonly slope: number;
  readonly offset: number;
}

/** Clipping of a line: values at or below `low`, or at or above `high`, may lie further out. */
export interface Clipped {
  readonly low: number;
  readonly high: number;
}

/** Fractional bits of a line over bytes: slopes up to 16 fit 32 bits. */
export const LINE_BITS = 18;
const STEEPEST = 16;

/** The line that equals a table of 256 bytes when clipped to 0..255; undefined if there is none. */
export function lineOf(table: Uint8Array): Line | undefined {
  let first = 0;
  let last = 255;
  while (first < 255 && isClipped(table[first] as number)) first++;
  while (last > first && isClipped(table[last] as number)) last--;
  const rise = first < last ? ((table[last] as number) - (table[first] as number)) / (last - first) : 0;
  return digitalLine(table, 0, LINE_BITS, rise, STEEPEST, { low: 0, high: 255 });
}

const isClipped = (value: number) => value === 0 || value === 255;

/** Maximum number of rounds; three are nearly always enough. */
const ROUNDS = 40;

/**
 * The line through `values` at from, from + 1, …, or undefined. Each value bounds the offset for a given slope;
 * where the bounds of two values contradict each other, the slope must be past where they meet.
 */
export function digitalLine(
  values: ArrayLike<number>,
  from: number,
  bits: number,
  guess: number,
  steepest: number,
  clipped?: Clipped,
): Line | undefined {
  const one = 2 ** bits;
  const low = clipped?.low ?? Number.NEGATIVE_INFINITY;
  const high = clipped?.high ?? Number.POSITIVE_INFINITY;
  let [least, most] = [-steepest * one, steepest * one];
  let slope = Math.round(guess * one);
  for (let round = 0; round < ROUNDS && least <= most; round++) {
    slope = Math.min(most, Math.max(least, slope));
    let above = Number.NEGATIVE_INFINITY;
    let below = Number.POSITIVE_INFINITY;
    let i = 0;
    let j = 0;
    for (let k = 0; k < values.length; k++) {
      const scaled = (values[k] as number) * one - slope * (from + k);
      if (scaled > above && (values[k] as number) > low) {
        above = scaled;
        i = k;
      }
      if (scaled + one - 1 < below && (values[k] as number) < high) {
        below = scaled + one - 1;
        j = k;
      }
    }
    if (above <= below) return { slope, offset: Math.min(below, Math.max(above, 0)) };
    const meeting = (((values[i] as number) - (values[j] as number) - 1) * one + 1) / (i - j);
    if (i > j) least = Math.max(least, Math.ceil(meeting));
    else most = Math.min(most, Math.floor(meeting));
    // While one side is open, its middle is far away: the line, if there is one, is just past the other.
    if (most === steepest * one) slope = least;
    else slope = least === -steepest * one ? most : Math.floor((least + most) / 2);
  }
  return undefined;
}
