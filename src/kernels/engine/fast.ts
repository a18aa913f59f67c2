/** A step of a row as the kernels do it: a band of rows at a time, the same bytes as its plain twin. */
import type { Located, Regions } from './memory.js';
import type { Address, Kernels } from './module.js';

/** Rows y0..y1-1 of so many pixels each, one behind the other, in place. */
export type RunBand = (at: Address, y0: number, y1: number, width: number) => void;

/** Readies a step. `place` tells steps of one pass apart, for the names of their regions. */
export type FastStep = (kernels: Kernels, regions: Regions, place: number) => RunBand;

/**
 * The rows of a warp as the kernels do it: readies them, then leaves the coordinates of row y, less `shift`, at
 * `us` and `vs`, [width] i32 with 11 fractional bits each.
 */
export type FastWarp = (
  kernels: Kernels,
  regions: Regions,
  shift: number,
) => (y: number, us: Address, vs: Address) => void;

/** A filter as the kernels do it: from an image to memory for another of its size. */
export type FastFilter = (kernels: Kernels, regions: Regions, image: Located, to: Address) => void;
