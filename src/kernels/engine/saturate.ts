/** Saturation on the kernels: the twin of `saturate` in ../point.ts, the same to the bit. */
import { digitalLine } from '../line.js';
import { saturationOf } from '../point.js';
import type { FastStep } from './fast.js';

/** Fractional bits of the line that gives ⌊f·d⌋: factors up to 4 fit 32 bits. */
const BITS = 20;
const STEEPEST = 4;

/** Undefined for a factor whose products are on no line of so many bits: one in ten thousand, and those above 4. */
export function saturateOn(factor: number): FastStep | undefined {
  if (factor > STEEPEST) return undefined;
  const line = digitalLine(saturationOf(factor), -255, BITS, factor, STEEPEST);
  if (!line) return undefined;
  const { slope, offset } = line;
  return (kernels) => (at, y0, y1, width) => kernels.saturate(at, width * (y1 - y0), slope, offset);
}
