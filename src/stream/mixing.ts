/** Batch transforms, their draws and their targets. */
import { applyBatchDraws, type BatchOp, type BoundBatchTransform } from '../augment/index.js';
import { type Batch, type Draw, fold, type Key, Registry, softTargets } from '../core/index.js';

interface Shape {
  readonly size: number;
  readonly height: number;
  readonly width: number;
  readonly progress: number;
}

/** The ops that these transforms can draw, those of plugins too. */
export const opsOf = (transforms: readonly BoundBatchTransform[]): Registry<BatchOp> =>
  new Registry('batch operator', new Set(transforms.flatMap(({ ops }) => ops)));

/** Draws of a chain of batch transforms; each under the batch's key and its place among them. */
export function drawMixes(
  transforms: readonly BoundBatchTransform[],
  key: Key,
  shape: Shape,
  firstPlace = 0,
): Draw[] {
  return transforms.flatMap((transform, i) => transform.draw(fold(key, firstPlace + i), shape));
}

/** One transform on a batch that is already rendered. */
export function mixBatch(batch: Batch, transform: BoundBatchTransform, ops: Registry<BatchOp>): Batch {
  const draws = drawMixes([transform], batch.key, batch, batch.mixes);
  const mixes = batch.mixes + 1;
  if (draws.length === 0) return derive(batch, { mixes });
  const { size, height, width, layout, images } = batch;
  applyBatchDraws(draws, { data: images, size, height, width, layout }, ops);
  const soft = mixedTargets(draws, batch, ops);
  return derive(batch, { soft, recipe: [...batch.recipe, ...draws], mixes });
}

/** [B, K] after the draws. */
export function mixedTargets(draws: readonly Draw[], batch: Batch, ops: Registry<BatchOp>): Float32Array {
  const soft = Float32Array.from(softTargets(batch));
  for (const { op, params } of draws) ops.get(op).targets(params, soft, batch);
  return soft;
}

/** The same batch with some fields changed; disposing either disposes of the one memory. */
export function derive(batch: Batch, fields: Partial<Batch>): Batch {
  return { ...batch, ...fields };
}
