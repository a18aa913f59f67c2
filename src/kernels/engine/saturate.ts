/** Saturation on the kernels: the twin of `saturate` in ../point.ts, the same to the bit. */
import { digitalLine } from '../line.js';
import { saturationOf } from '../point.js';
import type { FastStep } from './fast.js';

/** Fractional bits of the line that gives ⌊f·d⌋: factors up to 4 fit 32 bits. */
const BITS = 20;
const STEEPEST = 4;

/**
 * Factors up to 4 are nearly all a line; those that are not, which are often plain fractions such as 6/5, and those above 4
 * are multiplied in single precision.
 */
export function saturateOn(factor: number): FastStep {
  const line =
    factor > STEEPEST ? undefined : digitalLine(saturationOf(factor), -255, BITS, factor, STEEPEST);
  if (!line) return (kernels) => (at, y0, y1, width) => kernels.saturateAnyhow(at, width * (y1 - y0), factor);
  const { slope, offset } = line;
  return (kernels) => (at, y0, y1, width) => kernels.saturate(at, width * (y1 - y0), slope, offset);
}
