/** What is refused of a problem before anything is trained: settings out of range, and ops that its images do not fit. */
import { z } from 'zod';
import type { SampleOperator } from '../augment/index.js';
import { messageOf, parseOptions, show, showNames, UsageError } from '../core/index.js';
import { batch } from '../stream/batch.js';
import { pull } from '../stream/demand.js';
import { samples } from '../stream/source.js';
import { controlNames } from './arms.js';
import { arrayDataset, type Images, select } from './data/images.js';
import type { SearchProblem } from './problem.js';
import type { SearchOp } from './space/search-op.js';
import { scaled } from './trial/run-trial.js';

const settings = z.strictObject({
  heldOutLabels: z.boolean().optional(),
  size: z.int().min(1).max(4096),
  channels: z.union([z.literal(1), z.literal(3)]),
  statistics: z.object({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  trial: z.strictObject({
    model: z.unknown(),
    epochs: z.int().min(1),
    batch: z.int().min(1),
    learningRate: z.number().positive(),
    weightDecay: z.number().min(0),
  }),
});

/** Transforms that do something by the boxes of an image. */
const BY_BOXES = ['boxSafeCrop'];

/**
 * Checks what can be said before any image is read.
 *
 * @throws UsageError for settings of another type or out of range, unknown ones of a trial, odd controls, a space without ops, and ops that cannot take the images
 */
export function checkProblem(problem: SearchProblem): void {
  const { size, channels, statistics, trial, space, heldOutLabels } = problem;
  controlNames(problem);
  parseOptions('search', settings, { heldOutLabels, size, channels, statistics, trial });
  if (space.ops.length === 0)
    throw new UsageError('search: space: expected at least one op but none is left; allow an op');
  const unfit = space.ops.filter((op) => op.channels && !op.channels.includes(channels));
  if (unfit.length > 0)
    throw new UsageError(
      `search: space: ${namesOf(unfit)} cannot take images of ${channels} channel${channels === 1 ? '' : 's'}; leave out what does not fit`,
    );
  const modelled = (space.batchStages ?? []).filter(({ model }) => model);
  if (modelled.length > 0 && ![...statistics.mean, ...statistics.std].every((one) => one === 0.5))
    throw new UsageError(
      `search: space: ${showNames(modelled.map(({ name }) => name))} computes on images in [−1, 1]; set statistics to STATISTICS.symmetric, or leave it out`,
    );
  const boxed = space.ops.filter((op) =>
    operatorsOf(op).some(({ transform }) => transform.ops.some(({ name }) => BY_BOXES.includes(name))),
  );
  if (boxed.length > 0)
    throw new UsageError(
      `search: space: ${namesOf(boxed)} needs boxes, and the images of a search have none; leave it out`,
    );
}

/** Images that each op is tried on. */
const TRIED = 2;

/**
 * Renders a few images under the operators of `base`, and under each op beside them, at both ends of its bounds.
 *
 * @throws UsageError for an op that cannot be rendered on these images, or gives them another size
 */
export async function rehearse(problem: SearchProblem, train: Images): Promise<void> {
  const few = arrayDataset(select(train, [...train.ids.keys()].slice(0, TRIED)));
  const sizeUnder = async (where: string, own: readonly SampleOperator[]) => {
    const rendered$ = [...problem.base, ...own].reduce((images$, one) => images$.pipe(one), samples(few));
    try {
      for await (const one of pull(
        rendered$.pipe(scaled(problem), batch(TRIED, { workers: 0, onBadSample: 'fail' })),
      )) {
        using held = one;
        return `${held.height} × ${held.width}`;
      }
    } catch (error) {
      throw new UsageError(
        `search: ${where}: cannot be rendered on the images of train (${messageOf(error)}); leave it out or repair it`,
        { cause: error },
      );
    }
    throw new UsageError(`search: ${where}: gave no images; leave it out or repair it`);
  };
  const size = await sizeUnder('base', []);
  for (const op of problem.space.ops) {
    for (const operator of operatorsOf(op)) {
      const own = await sizeUnder(`space: op ${show(op.name)}`, [operator]);
      if (own !== size)
        throw new UsageError(
          `search: space: op ${show(op.name)}: expected images of ${size} as they were but it makes them ${own}; leave it out, or put it into base`,
        );
    }
  }
  await rehearseStages(problem, train);
}

/** Stages of batches, at the most that they may do. */
async function rehearseStages(problem: SearchProblem, train: Images): Promise<void> {
  const few = arrayDataset(select(train, [...train.ids.keys()].slice(0, 2 * TRIED)));
  for (const { name, make, strength } of problem.space.batchStages ?? []) {
    const images$ = problem.base.reduce((all$, one) => all$.pipe(one), samples(few));
    const batches$ = images$.pipe(
      scaled(problem),
      batch(2 * TRIED, { workers: 0, onBadSample: 'fail' }),
      make(1, strength?.high ?? 0),
    );
    try {
      for await (const one of pull(batches$)) one.dispose();
    } catch (error) {
      throw new UsageError(
        `search: space: batch stage ${show(name)}: cannot be applied to the images of train (${messageOf(error)}); leave it out or repair it`,
        { cause: error },
      );
    }
  }
}

/** The op at both ends of its bounds. */
function operatorsOf({ magnitude, make }: SearchOp): SampleOperator[] {
  if (!magnitude) return [make(0, 0)];
  const { low, high } = magnitude;
  return [make(low, low), make(high, high)];
}

const namesOf = (ops: readonly SearchOp[]) => showNames(ops.map(({ name }) => name));
