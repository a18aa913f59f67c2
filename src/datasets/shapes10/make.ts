import type { z } from 'zod';
import { type Dataset, parseOptions } from '../../core/index.js';
import type { OpenedDataset } from '../../io/problems.js';
import { madeInMemory } from '../made/in-memory.js';
import { type Maker, madeMemorySchema, madeSchema } from '../made/maker.js';
import { makeShards, openMade } from '../made/shards.js';
import { SHAPES } from './glyphs.js';
import { renderSheet, SHEET } from './sheet.js';

const MAKER: Maker = { owner: 'shapes10', version: 1, classes: SHAPES, atOnce: SHEET, render: renderSheet };

export const shapes10Schema = madeSchema;

/** Options of `shapes10`, `openShapes10` and `makeShapes10`. */
export type Shapes10Options = z.input<typeof madeSchema>;
/** Options of `shapes10InMemory`: those of `shapes10` without `dir` and `classes`. */
export type Shapes10MemoryOptions = z.input<typeof madeMemorySchema>;

/**
 * `shapes10` as a data set with random access; makes it first if it is not there.
 *
 * @throws UsageError for bad options
 *
 * @example
 * const data = await openShapes10({ count: 20, dir: 'shapes' });
 * data.length // → 20
 */
export async function openShapes10(options: Shapes10Options = {}): Promise<OpenedDataset> {
  return openMade(MAKER, parseOptions(MAKER.owner, madeSchema, options));
}

/**
 * Makes the shards of `shapes10` that are missing or damaged and returns the paths of all.
 *
 * Ten classes of rendered outlines; pose, scale, color, texture, clutter, occlusion, light, noise and JPEG quality depend
 * on (`dataSeed`, split, index) alone. Shards are in the WebDataset layout, 5,000 images each. An interrupted run keeps
 * the shards that are complete.
 *
 * @param options `split`, `count`, `dataSeed`, `size`, `dir`, `concurrency` (sheets rendered at once, default 2),
 * `onProgress(done, total)`
 * @throws UsageError for bad options; RxaugError if the folder cannot be written
 *
 * @example
 * const shards = await makeShapes10({ count: 20, dir: 'shapes' });
 * shards.length // → 1
 */
export async function makeShapes10(options: Shapes10Options = {}): Promise<string[]> {
  return makeShards(MAKER, parseOptions(MAKER.owner, madeSchema, options));
}

/**
 * `shapes10` as pixels in shared memory, without files: size² × 3 bytes per image.
 *
 * @param options `split`, `count`, `dataSeed`, `size`, `concurrency`, `onProgress(done, total)`
 * @throws UsageError for bad options
 *
 * @example
 * const data = await shapes10InMemory({ count: 10 });
 * data.item(1).id // → 'shapes10-train/ring-000001'
 */
export async function shapes10InMemory(options: Shapes10MemoryOptions = {}): Promise<Dataset> {
  return madeInMemory(MAKER, parseOptions(MAKER.owner, madeMemorySchema, options));
}
