/** Draw, lower, render: the same code and the same kernels as in Node. */
import { BATCH_TRANSFORMS } from '../../../../src/augment/mix/index.ts';
import { Engine } from '../../../../src/augment/plan/engine.ts';
import {
  augMix,
  autoAugment,
  randAugment,
  threeAugment,
  timmAugMix,
  timmAutoAugment,
  timmRandAugment,
  trivialAugment,
  uniformAugment,
} from '../../../../src/augment/policies/index.ts';
import { ops, TRANSFORMS } from '../../../../src/augment/recipe/catalog.ts';
import { lower } from '../../../../src/augment/recipe/parse-recipe.ts';
import { fold, keyOf } from '../../../../src/core/index.ts';
import { UNAVAILABLE } from './unavailable.js';

/** Larger results are refused: a page is not the place for them. */
const MOST_PIXELS = 16e6;
const POLICIES = {
  autoAugment,
  randAugment,
  trivialAugment,
  uniformAugment,
  augMix,
  threeAugment,
  timmAutoAugment,
  timmRandAugment,
  timmAugMix,
};

/** By name: { kind, factory, schema, shorthand }, where a policy has no schema. */
export const FACTORIES = new Map([
  ...TRANSFORMS.filter(({ spec }) => !UNAVAILABLE.has(spec.name)).map((factory) => [
    factory.spec.name,
    { kind: 'transform', factory, schema: factory.spec.options, p: factory.spec.p ?? 1 },
  ]),
  ...Object.entries(POLICIES).map(([name, factory]) => [name, { kind: 'policy', factory }]),
  ...BATCH_TRANSFORMS.map((factory) => [
    factory.op.name,
    { kind: 'mix', factory, schema: factory.spec.options },
  ]),
]);

const engine = () => {
  shared ??= new Engine();
  return shared;
};
let shared;

/** @returns {{ recipe: object[], image: { data: Uint8Array, width: number, height: number } }} */
export function render(name, options, seed, image) {
  const { transform } = FACTORIES.get(name).factory(options);
  const recipe = transform.draw(fold(keyOf(seed), 0), 0);
  const known = ops();
  for (const op of transform.ops) if (!known.has(op.name)) known.add(op);
  const plan = lower(recipe, image.width, image.height, known);
  const { width, height } = plan;
  if (width * height > MOST_PIXELS)
    throw new Error(`${name}: the result would have ${width}×${height} pixels; choose a smaller size`);
  const data = new Uint8Array(3 * width * height);
  engine().run(plan, image, { data, width, height, dtype: 'uint8', layout: 'HWC' });
  return { recipe, image: { data, width, height } };
}

/** A batch of images of one size; the first is the reader's. */
export function renderBatch(name, options, seed, images) {
  const { width, height } = images[0];
  const size = images.length;
  const transform = FACTORIES.get(name).factory(options);
  const data = new Uint8Array(3 * width * height * size);
  images.forEach((image, row) => void data.set(image.data, 3 * width * height * row));
  const pixels = { data, size, height, width, layout: 'HWC' };
  const recipe = transform.draw(fold(keyOf(seed), 0), { size, height, width, progress: 0 });
  for (const { op, params } of recipe) transform.ops.find((each) => each.name === op).apply(params, pixels);
  const rows = images.map((_, row) => ({
    data: data.subarray(3 * width * height * row, 3 * width * height * (row + 1)),
    width,
    height,
  }));
  return { recipe, images: rows };
}
