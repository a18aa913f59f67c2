/** Samples with targets, made on the spot, and masks moved by a recipe. */
import { Executor, lower, maskPlan, ops, packIds, unpackIds } from '../../src/augment/index.js';
import type { Batch, Dataset, ImageRef, Mask, MaskRef, Recipe, Targets } from '../../src/core/index.js';
import { batch, pull, samples } from '../../src/stream/index.js';

export type Ids = Extract<MaskRef, { kind: 'ids' }>;

const registry = ops();
const executor = new Executor();

/** Ids of one rectangle on 0. */
export function rectangleMask(
  width: number,
  height: number,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  id: number,
): Ids {
  const data = new (id > 255 ? Uint16Array : Uint8Array)(width * height);
  for (let y = y0; y < y1; y++) data.fill(id, y * width + x0, y * width + x1);
  return { kind: 'ids', data, width, height };
}

/** A mask after a recipe, rendered by the plain executor: the second implementation. */
export function maskAfter(
  recipe: Recipe,
  { data, width, height }: Ids,
  { fill = 0, bits = 8 }: Pick<Mask, 'fill' | 'bits'> = {},
): Ids {
  const plan = maskPlan(lower(recipe, width, height, registry), width, height, { fill });
  const moved = new Uint8Array(3 * plan.width * plan.height);
  executor.run(
    plan,
    { data: packIds(data), width, height },
    { data: moved, width: plan.width, height: plan.height, dtype: 'uint8', layout: 'HWC' },
  );
  const out = new (bits === 16 ? Uint16Array : Uint8Array)(plan.width * plan.height);
  unpackIds(moved, out);
  return { kind: 'ids', data: out, width: plan.width, height: plan.height };
}

export const gray = (width: number, height: number): ImageRef => ({
  kind: 'pixels',
  data: new Uint8Array(3 * width * height).fill(120),
  width,
  height,
  channels: 3,
});

/** A data set of these targets over gray images. */
export function dataset(all: readonly Targets[], width = 64, height = 64, classes = ['a']): Dataset {
  return {
    name: 'made',
    classes,
    length: all.length,
    item: (i) => ({ id: `made/${i}`, image: gray(width, height), label: 0, targets: all[i] }),
  };
}

/** The batch of one sample with these targets, after a recipe; a sample that is refused throws. */
export async function one(targets: Targets, recipe: Recipe = []): Promise<Batch> {
  const drawn = samples(dataset([targets])).pipe((from) => from.pipe(withRecipe(recipe)));
  for await (const got of pull(drawn.pipe(batch(1, { workers: 0, onBadSample: 'fail' })))) return got;
  throw new Error('the stream gave no batch');
}

import { map } from 'rxjs';
import type { Sample } from '../../src/core/index.js';

const withRecipe = (recipe: Recipe) => map((sample: Sample) => sample.drawn(recipe));
