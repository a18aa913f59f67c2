/** The plan of a search: what a training costs here, and how the budget is divided. */

import type { Pool } from '../core/children/pool.js';
import { duration, grouped } from '../report/format.js';
import { controlNames } from './arms.js';
import { divide, trainingSeconds } from './budget.js';
import type { Clock } from './clock.js';
import type { ProblemData } from './data/splits.js';
import type { Fence } from './fence.js';
import { type Plan, writePlan } from './plan.js';
import type { SearchProblem } from './problem.js';
import { densityScorer } from './scorers/density.js';
import type { Cost } from './strategies/strategy.js';
import type { Result, Task } from './tasks.js';
import type { Speed } from './trial/measure.js';
import { secondsForWorth } from './worth.js';

export interface Planning {
  readonly problem: SearchProblem;
  readonly data: ProblemData;
  readonly pool: Pool<Task, Result>;
  readonly file: string;
  readonly clock: Clock;
  readonly about: Plan['identity'];
  readonly signal: AbortSignal;
  readonly budget: number;
  readonly log: (line: string) => void;
  readonly fence: Fence;
  /** At most. */
  readonly pairs?: number;
  /** Processes that search, where the pool has its trainings done elsewhere. */
  readonly here?: number;
}

/** Measures with all workers at once, divides the budget, and writes the plan. */
export async function planned(planning: Planning): Promise<Plan> {
  const { problem, data, pool, file, clock, about, signal, budget, pairs, log, fence, here } = planning;
  const each = await Promise.all(
    Array.from({ length: pool.workers }, (_, slot) =>
      pool.run({ kind: 'measure' }, { name: 'measuring', slot }),
    ),
  );
  signal.throwIfAborted();
  log(`backend: ${(each[0] as Speed).backend}`);
  const mean = (field: Exclude<keyof Speed, 'backend'>) =>
    each.reduce<number>((sum, speed) => sum + (speed as Speed)[field], 0) / each.length ** 2;
  const secondsPerForward = mean('secondsPerForward');
  const cost: Cost = {
    secondsPerImageEpoch: mean('secondsPerImageEpoch'),
    secondsPerForward,
    secondsPerTrial: (data.search.ids.length + data.validation.ids.length) * secondsPerForward,
    searchImages: data.search.ids.length,
    validationImages: data.validation.ids.length,
  };
  const question = {
    budget,
    elapsed: clock.seconds,
    cost,
    controls: controlNames(problem).length,
    trainImages: data.train.ids.length,
    testImages: data.test.ids.length,
    epochs: problem.trial.epochs,
  };
  const worth = worthSeconds(problem, data, cost, each.length, budget);
  const division = divide({ ...question, worth, most: pairs });
  fence();
  return writePlan(file, {
    identity: about,
    cost,
    workers: each.length,
    ...(here !== undefined && { here }),
    elapsed: question.elapsed,
    ...division,
  });
}

/** Of the clock: a classifier for each search, and a score with and without each op. */
function worthSeconds(
  problem: SearchProblem,
  data: ProblemData,
  cost: Cost,
  workers: number,
  budget: number,
): number {
  const scorer = densityScorer();
  const context = {
    ...{ problem, data, seed: 0, cost, dir: '' },
    ...secondsForWorth(budget),
    signal: new AbortController().signal,
    progress: () => {},
  };
  const alone =
    (scorer.setup?.(context) ?? 0) + (problem.space.ops.length + 1) * (scorer.seconds?.({}, context) ?? 0);
  return alone * workers;
}

/** What is planned, in a sentence. */
export function costOf(plan: Plan, problem: SearchProblem, data: ProblemData, budget: number): string {
  const { cost, searches, pairs, searchSeconds, roundSeconds, workers } = plan;
  const { epochs } = problem.trial;
  const [images, tested] = [data.train.ids.length, data.test.ids.length];
  const arms = searches + controlNames(problem).length;
  const one = workers * trainingSeconds({ cost, trainImages: images, testImages: tested, epochs });
  return (
    `a training of ${grouped(images)} images × ${epochs} epochs takes ${duration(one)} ` +
    `(${(1000 * workers * cost.secondsPerImageEpoch).toPrecision(3)} ms an image and epoch, ${workers} side by side); ` +
    `${searches} searches take ${duration(searchSeconds)}, and ${pairs} × ${arms} trainings ${duration(pairs * roundSeconds)}: ` +
    `${duration(budget)} in all`
  );
}
