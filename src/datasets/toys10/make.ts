import type { z } from 'zod';
import { type Dataset, parseOptions } from '../../core/index.js';
import type { OpenedDataset } from '../../io/problems.js';
import { madeInMemory } from '../made/in-memory.js';
import { type Maker, madeMemorySchema, madeSchema } from '../made/maker.js';
import { openMade } from '../made/shards.js';
import { photograph } from './pictures.js';
import { TOYS } from './toys.js';

const MAKER: Maker = { owner: 'toys10', version: 1, classes: TOYS, atOnce: 20, render: photograph };

export const toys10Schema = madeSchema;

/** Options of `toys10` and `openToys10`. */
export type Toys10Options = z.input<typeof madeSchema>;
/** Options of `toys10InMemory`: those of `toys10` without `dir` and `classes`. */
export type Toys10MemoryOptions = z.input<typeof madeMemorySchema>;

/**
 * `toys10` as a data set with random access; makes it first if it is not there, some 10 ms an image of 32 pixels.
 *
 * Ten classes of solid toys on a floor before a wall. Shape depends on the class; proportions, colors, patterns, pose,
 * clutter, light, shadows, camera, noise and JPEG quality depend on (`dataSeed`, split, index) alone.
 *
 * @throws UsageError for bad options; RxaugError if the folder cannot be written
 *
 * @example
 * const data = await openToys10({ count: 20, dir: 'toys' });
 * data.length // → 20
 */
export async function openToys10(options: Toys10Options = {}): Promise<OpenedDataset> {
  return openMade(MAKER, parseOptions(MAKER.owner, madeSchema, options));
}

/**
 * `toys10` as pixels in shared memory, without files: size² × 3 bytes per image.
 *
 * @throws UsageError for bad options
 *
 * @example
 * const data = await toys10InMemory({ count: 10 });
 * data.item(1).id // → 'toys10-train/car-000001'
 */
export async function toys10InMemory(options: Toys10MemoryOptions = {}): Promise<Dataset> {
  return madeInMemory(MAKER, parseOptions(MAKER.owner, madeMemorySchema, options));
}
