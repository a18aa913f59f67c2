/** Row steps on the kernels: they process a band of rows at a time and give the same bytes as the plain code. */
import type { Located, Regions } from './memory.js';
import type { Address, Kernels } from './module.js';

/** Changes rows y0..y1-1 of `width` pixels each in place; they are contiguous at `at`. */
export type RunBand = (at: Address, y0: number, y1: number, width: number) => void;

/** Prepares a step. `place` distinguishes steps of one pass, for the names of their regions. */
export type FastStep = (kernels: Kernels, regions: Regions, place: number) => RunBand;

/**
 * The rows of a warp on the kernels: prepares them, then writes the coordinates of row y, minus `shift`, to
 * `us` and `vs`, [width] i32 with 11 fractional bits each.
 */
export type FastWarp = (
  kernels: Kernels,
  regions: Regions,
  shift: number,
) => (y: number, us: Address, vs: Address) => void;

/** A filter on the kernels: from an image to memory for another of the same size. */
export type FastFilter = (kernels: Kernels, regions: Regions, image: Located, to: Address) => void;
