/** Saturation on the kernels: the twin of `saturate` in ../point.ts, the same to the bit. */
import type { FastStep } from './fast.js';
import { lineOfFactor } from './line.js';

/** Beyond it every pixel that is not gray is clipped, and products leave what the kernel can round. */
const STRONGEST = 16000;

/**
 * Factors up to 4 are nearly all a line; those that are not, which are often plain fractions such as 6/5, and those above 4
 * are multiplied in single precision.
 */
export function saturateOn(factor: number): FastStep {
  return (kernels, regions) => {
    const line = lineOfFactor(kernels, regions, factor);
    if (!line) {
      const f = Math.min(factor, STRONGEST);
      return (at, y0, y1, width) => kernels.saturateAnyhow(at, width * (y1 - y0), f);
    }
    const { slope, offset } = line;
    return (at, y0, y1, width) => kernels.saturate(at, width * (y1 - y0), slope, offset);
  };
}
