/** One training of a problem's recipe under some operators, paired by keys with the trainings of other arms. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observable, OperatorFunction } from 'rxjs';
import { normalize, type SampleOperator } from '../../augment/index.js';
import type { DoneEvent } from '../../core/events.js';
import { replaceFile } from '../../core/files/write-file.js';
import { type Batch, Draws, fold, keyOf, RxaugError, type Sample, tag } from '../../core/index.js';
import { batch } from '../../stream/batch.js';
import { pull } from '../../stream/demand.js';
import { samples } from '../../stream/source.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import { cosineDecay, sgd, train } from '../../train/index.js';
import { DivergedError } from '../../train/state/diverged.js';
import { arrayDataset, type Images } from '../data/images.js';
import type { SearchProblem } from '../problem.js';

/** A training, and what it is measured on. */
export interface Trial {
  readonly problem: Pick<SearchProblem, 'statistics' | 'base' | 'trial'>;
  readonly train: Images;
  readonly evaluation: Images;
  /** What the arm adds to the operators of `problem.base`. */
  readonly operators: readonly SampleOperator[];
  /** What it does to batches; default nothing. */
  readonly stages?: readonly OperatorFunction<Batch, Batch>[];
  /** Of the whole search. */
  readonly seed: number;
  /** Trainings of the same seed and pair share first weights, the order of images, and the draws of `base`. */
  readonly pair: number;
  /** Default: those of the recipe. */
  readonly epochs?: number;
  /** Folder of its checkpoint, from which it continues. */
  readonly dir: string;
  readonly backend?: BackendRequest;
  readonly signal?: AbortSignal;
  /** Called after each epoch with the share that is done. */
  readonly progress?: (share: number) => void;
}

/** Of the model after its last epoch; accuracies are in [0, 1]. All are NaN where training diverged. */
export interface TrialFigures {
  readonly accuracy: number;
  readonly loss: number;
  /** On the training images without augmentation. */
  readonly trainAccuracy: number;
  /** Of training and evaluation, over all interruptions but for what was lost by them. */
  readonly seconds: number;
  /** Where training diverged: how. */
  readonly diverged?: string;
}

const NONE = { accuracy: Number.NaN, loss: Number.NaN, trainAccuracy: Number.NaN };

/** Images of an evaluation that are passed forward at once. */
const AT_ONCE = 100;

/**
 * Trains the recipe on base + operators, with the stages behind `batch`, and measures the last epoch: SGD with Nesterov momentum 0.9, the learning rate
 * rises over 5 % of the training and falls to 0 along a cosine; batches of the recipe's size, the rest of an epoch is left
 * out. An image that cannot be rendered ends it: trials that leave out different images are no pairs. Gray images are trained on as three equal channels, as every stream renders them.
 *
 * The checkpoint of each epoch is kept in `dir`; a training that was stopped continues from there, with the same figures.
 *
 * @returns undefined if the signal came before the end
 * @throws RxaugError where training diverges or images cannot be rendered
 */
export async function runTrial(trial: Trial): Promise<TrialFigures | undefined> {
  const {
    problem,
    operators,
    stages = [],
    epochs = problem.trial.epochs,
    dir,
    backend,
    signal,
    progress,
  } = trial;
  const { model, batch: size, learningRate, weightDecay } = problem.trial;
  const seed = pairSeed(trial.seed, trial.pair);
  const augmented$ = [...problem.base, ...operators].reduce<Observable<Sample>>(
    (images$, operator) => images$.pipe(operator),
    samples(arrayDataset(trial.train), { seed, shuffle: true, epochs }),
  );
  const events$ = train(
    behind(
      augmented$.pipe(scaled(problem), batch(size, { workers: 0, dropLast: true, onBadSample: 'fail' })),
      stages,
    ),
    {
      model,
      optimizer: sgd({ momentum: 0.9, nesterov: true }),
      learningRate: cosineDecay(learningRate, { warmup: 0.05 }),
      weightDecay,
      validation: clean(trial.evaluation, problem),
      trainEvaluation: clean(trial.train, problem),
      evaluateEvery: epochs,
      checkpoint: { dir },
      resume: true,
      seed,
      backend,
      signal,
    },
  );
  const before = secondsIn(dir);
  const began = performance.now();
  const seconds = () => before + (performance.now() - began) / 1000;
  let done: DoneEvent | undefined;
  try {
    for await (const event of pull(events$)) {
      if (event.kind === 'checkpoint') replaceFile(join(dir, SECONDS), `${seconds()}\n`);
      if (event.kind === 'epoch') progress?.((event.epoch + 1) / epochs);
      if (event.kind === 'done') done = event;
    }
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    return { ...NONE, seconds: seconds(), diverged: error.message };
  }
  if (done?.stopped === 'aborted' || signal?.aborted) return undefined;
  if (!done?.validation || !done.clean)
    throw new RxaugError(
      `search: a trial in ${dir} ended without being measured; remove the folder to train again`,
    );
  const { validation, clean: own } = done;
  return {
    accuracy: validation.accuracy,
    loss: validation.loss,
    trainAccuracy: own.accuracy,
    seconds: seconds(),
  };
}

/** Batches under the stages, in order. */
export const behind = (
  batches$: Observable<Batch>,
  stages: readonly OperatorFunction<Batch, Batch>[],
): Observable<Batch> => stages.reduce((all$, stage) => stage(all$), batches$);

/** The seed of a pair's source, first weights and noise. */
export function pairSeed(seed: number, pair: number): number {
  return new Draws(fold(keyOf(seed), tag('search-pair'), pair)).u32();
}

/** Images as a model sees them, in their order. */
export function clean(images: Images, problem: Pick<SearchProblem, 'statistics'>): Observable<Batch> {
  return samples(arrayDataset(images)).pipe(
    scaled(problem),
    batch(AT_ONCE, { workers: 0, onBadSample: 'fail' }),
  );
}

/** Streams are RGB: the numbers of gray images stand for all three channels. */
export function scaled({ statistics: { mean, std } }: Pick<SearchProblem, 'statistics'>): SampleOperator {
  const three = (values: readonly number[]) =>
    [0, 1, 2].map((c) => values[Math.min(c, values.length - 1)]) as [number, number, number];
  return normalize({ mean: three(mean), std: three(std) });
}

/** Beside the checkpoint: seconds of a training up to it. */
const SECONDS = 'seconds.txt';

function secondsIn(dir: string): number {
  const file = join(dir, SECONDS);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0;
}
