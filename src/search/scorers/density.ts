import { join } from 'node:path';
import { tap } from 'rxjs';
import { z } from 'zod';
import { Draws, fold, keyOf, parseOptions, RxaugError, tag } from '../../core/index.js';
import { batch } from '../../stream/batch.js';
import { samples } from '../../stream/source.js';
import { loadClassifier } from '../../train/classification/kind.js';
import type { Trained } from '../../train/index.js';
import { lastFile } from '../../train/loop/resume.js';
import { DivergedError } from '../../train/state/diverged.js';
import { arrayDataset } from '../data/images.js';
import { augmentationOf } from '../policy/augmentation.js';
import type { PolicySetting } from '../policy/policy.js';
import type { Candidate, Scorer, StrategyContext } from '../strategies/strategy.js';
import { behind, runTrial, scaled } from '../trial/run-trial.js';

const optionsSchema = z.strictObject({
  /** Times that each validation image is augmented and passed forward. */
  draws: z.int().min(1).max(1000).default(2),
  /** Of the classifier's training; default those of the trial, or fewer where that would take over a third of the budget. */
  epochs: z.int().min(1).optional(),
});
export type DensityScorerOptions = z.input<typeof optionsSchema>;

/** Share of a search's seconds that the classifier may take. */
const TRAINING = 1 / 3;
const AT_ONCE = 100;

/**
 * How probable a classifier finds the true classes of what a policy makes of validation images: the mean over images and
 * draws of log p(true class), at most 0. The classifier is trained once for a search, on its images with the operators of
 * `problem.base` only, and kept in `dir`; the images of a candidate are rendered as those of a training are. All candidates
 * draw from the same keys. Weak policies score well: compare policies of equal strength. Of targets that a stage of batches
 * mixed it is less their divergence from what the classifier says, −KL(target ‖ p), which is log p(true class) of others.
 *
 * @throws {UsageError} if an option is unknown or out of range
 *
 * @example
 * const strategies = { dense: () => tpe({ scorer: densityScorer({ draws: 4 }) }) };
 * strategies.dense().name // → 'tpe'
 */
export function densityScorer(options: DensityScorerOptions = {}): Scorer {
  const { draws, epochs: given } = parseOptions('densityScorer', optionsSchema, options);
  /** By folder; each lives as long as the scorer. */
  const classifiers = new Map<string, Promise<Trained>>();
  const epochsOf = (context: StrategyContext) => given ?? affordable(context);

  const score = async ({ policy }: Candidate, context: StrategyContext) => {
    const { dir } = context;
    let classifier = classifiers.get(dir);
    if (!classifier) {
      classifier = trainedOnce(context, epochsOf(context));
      classifiers.set(dir, classifier);
      classifier.catch(() => classifiers.delete(dir)); // the next score tries again
    }
    return meanLogProbability(await classifier, policy, draws, context);
  };
  return Object.assign(score, {
    seconds: (_: unknown, { cost }: StrategyContext) =>
      draws * cost.validationImages * cost.secondsPerForward,
    setup: (context: StrategyContext) => trainingSeconds(context, epochsOf(context)),
  });
}

const trainingSeconds = ({ cost }: StrategyContext, epochs: number) =>
  cost.secondsPerTrial + epochs * cost.searchImages * cost.secondsPerImageEpoch;

function affordable(context: StrategyContext): number {
  const { seconds, cost, problem } = context;
  const each = cost.searchImages * cost.secondsPerImageEpoch;
  const most = Math.floor((TRAINING * seconds - cost.secondsPerTrial) / each);
  return Math.max(1, Math.min(problem.trial.epochs, most));
}

async function trainedOnce(context: StrategyContext, epochs: number): Promise<Trained> {
  const { problem, data, seed, signal, backend } = context;
  const dir = join(context.dir, 'classifier');
  const { search: train, validation: evaluation } = data;
  const done = await runTrial({
    problem,
    train,
    evaluation,
    operators: [],
    seed,
    pair: 0,
    epochs,
    dir,
    signal,
    backend,
    progress: (share) => context.progress('training the classifier', share),
  });
  if (!done) throw signal.reason;
  if (done.diverged !== undefined)
    throw new RxaugError(
      `densityScorer: the classifier that scores policies cannot be trained (${done.diverged}); lower trial.learningRate`,
      { cause: new DivergedError(done.diverged) },
    );
  return loadClassifier(lastFile(dir));
}

async function meanLogProbability(
  classifier: Trained,
  policy: PolicySetting,
  draws: number,
  { problem, data, seed, signal }: StrategyContext,
): Promise<number> {
  signal.throwIfAborted();
  const drawn = new Draws(fold(keyOf(seed), tag('search-density-draws'))).u32();
  const { operators, stages } = augmentationOf(problem.space, policy);
  // Images in the order of their classes would be mixed with their like.
  const shuffle = stages.length > 0;
  const rendered$ = operators.reduce(
    (images$, operator) => images$.pipe(operator),
    samples(arrayDataset(data.validation), { seed: drawn, epochs: draws, shuffle }),
  );
  const batches$ = rendered$.pipe(scaled(problem), batch(AT_ONCE, { workers: 0, onBadSample: 'fail' }));
  let [entropy, count] = [0, 0];
  const counted$ = behind(batches$, stages).pipe(
    tap(({ soft, size }) => {
      entropy += soft ? entropyOf(soft) : 0;
      count += size;
    }),
  );
  const { metrics } = await classifier.evaluate(counted$);
  return entropy / count - (metrics.loss as number);
}

/** −Σ q·log q */
function entropyOf(shares: Float32Array): number {
  let sum = 0;
  for (const q of shares) if (q > 0) sum -= q * Math.log(q);
  return sum;
}
