/** Batch transforms, their draws and their targets. */
import {
  applyBatchDraws,
  type BatchOp,
  type BoundBatchTransform,
  guardedBatch,
  ownerOf,
  PluginError,
} from '../../augment/index.js';
import {
  type Batch,
  type Draw,
  fold,
  masksOf,
  type NamedMask,
  neverAdvances,
  Registry,
  RxaugError,
  scheduleIn,
  softTargets,
  UsageError,
} from '../../core/index.js';
import { avoided } from './instances.js';
import { mixMasks } from './mix-masks.js';
import { mixTargetRows } from './mix-targets.js';

/** The ops that these transforms can draw; those of plugins are guarded. */
export function opsOf(transforms: readonly BoundBatchTransform[]): Registry<BatchOp> {
  const ops = [...new Set(transforms.flatMap((transform) => transform.ops))];
  return new Registry(
    'batch operator',
    ops.map((op) => (ownerOf(op) === undefined ? op : guardedBatch(op))),
  );
}

/** Draws of a chain of batch transforms; each keyed by the batch and its position. */
export const drawMixes = (transforms: readonly BoundBatchTransform[], batch: Batch, firstPlace = 0): Draw[] =>
  inBatch(batch, () =>
    transforms.flatMap((transform, i) => {
      if (batch.origin.epochs === Number.POSITIVE_INFINITY) refuseSchedules(transform);
      return transform.draw(fold(batch.key, firstPlace + i), batch);
    }),
  );

function refuseSchedules({ name, options }: BoundBatchTransform): void {
  const found = scheduleIn(options);
  if (found !== undefined) throw new UsageError(neverAdvances(`${name}: ${found}`));
}

/** Name of a batch in error messages. */
export const nameOfBatch = ({ index, epoch, samples }: Batch): string =>
  `batch ${index} of epoch ${epoch}, from sample ${samples[0]?.id} on`;

/** Runs a plugin on a batch; its errors name the batch. */
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
  // Checks come before any change of pixels.
  const named = Object.entries(masks).map(([name, data]) => {
    const { ignore, instances } = settingsOf(batch, name);
    return { name, data, ignore, instances };
  });
  const targets = mixedRows(draws, batch, avoided(named), ops);
  inBatch(batch, () => {
    const rows = { hides: hidesOf(batch), bounds: boundsOf(batch) };
    if (named.length > 0) mixMasks(draws, named, rows, pixels, ops);
    applyBatchDraws(draws, pixels, ops);
  });
  const soft = mixedTargets(draws, batch, ops);
  return derive(batch, { soft, ...targets, recipe: [...batch.recipe, ...draws], mixes });
}

/** Boxes and keypoints of a batch after the draws, if it has any; `avoid` are ids that mean no instance. */
export function mixedRows(
  draws: readonly Draw[],
  batch: Batch,
  avoid: readonly number[],
  ops: Registry<BatchOp>,
): Pick<Batch, 'targets'> {
  const { targets } = batch;
  if (!targets) return {};
  return {
    targets: inBatch(batch, () =>
      mixTargetRows(draws, targets, { hides: hidesOf(batch), avoid }, batch, ops),
    ),
  };
}

/** By row, whether covered pixels are hidden in its targets. */
export const hidesOf = ({ samples }: Pick<Batch, 'samples'>): boolean[] =>
  samples.map(({ targets }) => targets?.erased === 'hide');

/** By row, the bound of its instance numbers. */
export const boundsOf = ({ size, targets }: Pick<Batch, 'size' | 'targets'>): number[] =>
  Array.from({ length: size }, (_, row) => targets?.[row]?.instances ?? 0);

function settingsOf({ samples }: Batch, name: string): Pick<NamedMask, 'ignore' | 'instances'> {
  for (const { targets } of samples) {
    const mask = targets && masksOf(targets).find((one) => one.name === name);
    if (mask) return mask;
  }
  return { ignore: 255, instances: false };
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
