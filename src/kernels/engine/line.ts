/**
 * Tables that are digital lines: value(x) = ⌊(slope·x + offset) / 2^bits⌋ for every x, in 32-bit integers. Brightness,
 * contrast, inversion and autocontrast are such tables, and a SIMD kernel computes a line in a fraction of the
 * time of table lookups. Whether a table is a line is decided exactly, over all values: nothing is approximated.
 */
import type { Regions } from './memory.js';
import type { Kernels } from './module.js';

export interface Line {
  readonly slope: number;
  readonly offset: number;
}

/** Fractional bits of a line over bytes: slopes up to 16 fit 32 bits. */
export const LINE_BITS = 18;
/** Fractional bits of a line over products: factors up to 4 fit 32 bits. */
export const PRODUCT_BITS = 20;
const STEEPEST = 4;

/** The line that equals a table of 256 bytes when clipped to 0..255; undefined if there is none. */
export function lineOf(kernels: Kernels, regions: Regions, table: Uint8Array): Line | undefined {
  const at = regions.at('table in question', 256);
  const to = regions.at('line', 8);
  regions.bytes.set(table, at);
  return kernels.lineOfTable(at, to) ? found(regions, to) : undefined;
}

/** The line that gives ⌊factor·d⌋ for d = −255..255, the product in single precision; undefined if there is none. */
export function lineOfFactor(kernels: Kernels, regions: Regions, factor: number): Line | undefined {
  if (factor > STEEPEST) return undefined;
  const to = regions.at('line', 8);
  return kernels.lineOfFactor(factor, to) ? found(regions, to) : undefined;
}

function found(regions: Regions, at: number): Line {
  const [slope, offset] = regions.int32(at, 2) as unknown as [number, number];
  return { slope, offset };
}
