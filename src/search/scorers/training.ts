import { join } from 'node:path';
import { DivergedError } from '../../train/state/diverged.js';
import { augmentationOf } from '../policy/augmentation.js';
import type { Candidate, Scorer, StrategyContext } from '../strategies/strategy.js';
import { runTrial } from '../trial/run-trial.js';

/**
 * A short training under the policy, for the candidate's epochs: its accuracy in [0, 1] on validation images, none of which
 * it has seen, after the last epoch. Trainings of the same pair share first weights, order of images and crops, so their
 * scores can be compared. A training that was stopped continues from its checkpoint.
 *
 * @throws RxaugError where training diverges, which a search counts as the worst score; what the signal gives as its reason, once it comes
 *
 * @example
 * // A scorer of one's own, on top of it: accuracy, and a price for strength.
 * const training = trainingScorer();
 * const scorer: Scorer = Object.assign(
 *   async (candidate: Candidate, context: StrategyContext) =>
 *     (await training(candidate, context)) - 0.01 * strengthOf(context.problem.space, candidate.policy),
 *   { seconds: training.seconds },
 * );
 * random({ scorer }).name // → 'random'
 */
export function trainingScorer(): Scorer {
  return Object.assign(score, { seconds });
}

async function score({ name, policy, epochs, pair = 0 }: Candidate, context: StrategyContext) {
  const { problem, data, seed, dir, signal, backend } = context;
  const figures = await runTrial({
    problem,
    train: data.search,
    evaluation: data.validation,
    ...augmentationOf(problem.space, policy),
    seed,
    pair,
    epochs,
    dir: join(dir, name),
    signal,
    backend,
    progress: (share) => context.progress(name, share),
  });
  if (!figures) throw signal.reason;
  if (figures.diverged !== undefined) throw new DivergedError(figures.diverged);
  return figures.accuracy;
}

function seconds({ epochs }: Pick<Candidate, 'epochs'>, { problem, cost }: StrategyContext): number {
  const { secondsPerImageEpoch, secondsPerTrial, searchImages } = cost;
  return secondsPerTrial + (epochs ?? problem.trial.epochs) * searchImages * secondsPerImageEpoch;
}
