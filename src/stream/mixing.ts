/** Batch transforms, their draws and their targets. */
import {
  applyBatchDraws,
  type BatchOp,
  type BoundBatchTransform,
  guardedBatch,
  ownerOf,
  PluginError,
} from '../augment/index.js';
import { type Batch, type Draw, fold, masksOf, Registry, RxaugError, softTargets } from '../core/index.js';
import { mixMasks } from './mix-masks.js';
import { mixTargetRows } from './mix-targets.js';

/** The ops that these transforms can draw; those of plugins are watched. */
export function opsOf(transforms: readonly BoundBatchTransform[]): Registry<BatchOp> {
  const ops = [...new Set(transforms.flatMap((transform) => transform.ops))];
  return new Registry(
    'batch operator',
    ops.map((op) => (ownerOf(op) === undefined ? op : guardedBatch(op))),
  );
}

/** Draws of a chain of batch transforms; each under the batch's key and its place among them. */
export const drawMixes = (transforms: readonly BoundBatchTransform[], batch: Batch, firstPlace = 0): Draw[] =>
  inBatch(batch, () =>
    transforms.flatMap((transform, i) => transform.draw(fold(batch.key, firstPlace + i), batch)),
  );

/** What complaints call a batch. */
export const nameOfBatch = ({ index, epoch, samples }: Batch): string =>
  `batch ${index} of epoch ${epoch}, from sample ${samples[0]?.id} on`;

/** Runs what a plugin may do to a batch; where that is at fault, the batch is named. */
function inBatch<T>(batch: Batch, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    throw new RxaugError(`${error.message}; ${nameOfBatch(batch)}`, { cause: error });
  }
}

/** One transform on a batch that is already rendered. */
export function mixBatch(batch: Batch, transform: BoundBatchTransform, ops: Registry<BatchOp>): Batch {
  const draws = drawMixes([transform], batch, batch.mixes);
  const mixes = batch.mixes + 1;
  if (draws.length === 0) return derive(batch, { mixes });
  const { size, height, width, layout, images, masks = {} } = batch;
  const pixels = { data: images, size, height, width, layout };
  // What can be refused comes before what changes pixels.
  const targets = mixedRows(draws, batch, ops);
  const named = Object.entries(masks).map(([name, data]) => ({ name, data, ignore: ignoreOf(batch, name) }));
  inBatch(batch, () => {
    if (named.length > 0) mixMasks(draws, named, hidesOf(batch), pixels, ops);
    applyBatchDraws(draws, pixels, ops);
  });
  const soft = mixedTargets(draws, batch, ops);
  return derive(batch, { soft, ...targets, recipe: [...batch.recipe, ...draws], mixes });
}

/** Boxes and keypoints of a batch after the draws, where it has any. */
export function mixedRows(
  draws: readonly Draw[],
  batch: Batch,
  ops: Registry<BatchOp>,
): Pick<Batch, 'targets'> {
  const { targets } = batch;
  if (!targets) return {};
  return { targets: inBatch(batch, () => mixTargetRows(draws, targets, hidesOf(batch), batch, ops)) };
}

/** By row, whether what is covered is hidden in its targets. */
export const hidesOf = ({ samples }: Pick<Batch, 'samples'>): boolean[] =>
  samples.map(({ targets }) => targets?.erased === 'hide');

function ignoreOf({ samples }: Batch, name: string): number {
  for (const { targets } of samples) {
    const mask = targets && masksOf(targets).find((one) => one.name === name);
    if (mask) return mask.ignore;
  }
  return 255;
}

/** [B, K] after the draws. */
export function mixedTargets(draws: readonly Draw[], batch: Batch, ops: Registry<BatchOp>): Float32Array {
  const soft = Float32Array.from(softTargets(batch));
  inBatch(batch, () => {
    for (const { op, params } of draws) ops.get(op).targets(params, soft, batch);
  });
  return soft;
}

/** The same batch with some fields changed; disposing either disposes of the one memory. */
export function derive(batch: Batch, fields: Partial<Batch>): Batch {
  return { ...batch, ...fields };
}
