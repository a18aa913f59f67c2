/** The pieces of a search as plain JSON, and what does them: in this process, or in a child of it. */
import { join } from 'node:path';
import type { Asked, Work } from '../core/children/pool.js';
import { fold, keyOf, tag } from '../core/index.js';
import { ownVersion } from '../core/own-version.js';
import type { BackendRequest } from '../train/backends/backend.js';
import { loadBackend } from '../train/backends/load.js';
import { DivergedError } from '../train/state/diverged.js';
import { type ArmTask, augmentationOfArm } from './arms.js';
import type { ProblemData } from './data/splits.js';
import { type Augmentation, augmentationOf } from './policy/augmentation.js';
import type { PolicySetting } from './policy/policy.js';
import { randomPolicy } from './policy/random-policy.js';
import type { SearchProblem } from './problem.js';
import { densityScorer } from './scorers/density.js';
import { ofScores } from './strategies/of-scores.js';
import type { Account, Candidate, Cost, Scored, Strategy, StrategyContext } from './strategies/strategy.js';
import { measureSpeed, type Speed } from './trial/measure.js';
import { runTrial, type TrialFigures } from './trial/run-trial.js';

/** One independent search, as its tasks know it. */
export interface SearchTask {
  readonly seed: number;
  readonly seconds: number;
  readonly secondsAlone: number;
  readonly cost: Cost;
  /** Folder of its own files. */
  readonly dir: string;
}

export type Task =
  /** Asks for what determines figures, apart from the task. */
  | { readonly kind: 'versions' }
  | { readonly kind: 'measure' }
  | { readonly kind: 'propose'; readonly of: SearchTask; readonly history: readonly Scored[] }
  | { readonly kind: 'score'; readonly of: SearchTask; readonly candidate: Candidate }
  | { readonly kind: 'conclude'; readonly of: SearchTask; readonly history: readonly Scored[] }
  /** A score by the cheap scorer. */
  | { readonly kind: 'density'; readonly of: SearchTask; readonly candidate: Candidate }
  | { readonly kind: 'trial'; readonly arm: ArmTask; readonly pair: number; readonly dir: string };

/** A policy, and how its search went. */
export interface Concluded extends Account {
  readonly policy: PolicySetting;
}

/** What takes the place of a score where a training diverged: how. */
export interface Diverged {
  readonly diverged: string;
}

export const isDiverged = (value: unknown): value is Diverged =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Diverged>).diverged === 'string';

/** By name: the versions of rxaug, of the backend and of the one that XLA runs with, and the kind of processor. */
export type Versions = Readonly<Record<string, string>>;

export type Result = Versions | Speed | readonly Candidate[] | number | Diverged | Concluded | TrialFigures;

/** What tasks need to be done. */
export interface Prepared {
  readonly problem: SearchProblem;
  readonly data: ProblemData;
  readonly strategy: Strategy;
  /** Of the whole search. */
  readonly seed: number;
  readonly backend?: BackendRequest;
}

/** What does tasks; it keeps what they share, such as a classifier. */
export function workOf(prepared: Prepared): Work<Task, Result> {
  const cheap = densityScorer();
  const { problem, data, strategy, seed, backend } = prepared;
  const contextOf = (of: SearchTask, { signal, progress }: Asked): StrategyContext => ({
    problem,
    data,
    ...of,
    signal,
    backend,
    progress,
  });
  return async (task, asked) => {
    switch (task.kind) {
      case 'versions':
        return versionsHere(backend);
      case 'measure':
        return measureSpeed(problem, data.search, typical(problem, seed), { ...asked, backend });
      case 'propose':
        return strategy.propose(task.history, contextOf(task.of, asked));
      case 'score':
        return orDiverged(strategy.score(task.candidate, contextOf(task.of, asked)), (error) => error);
      case 'density':
        return orDiverged(
          cheap(task.candidate, contextOf(task.of, asked)),
          (error) => (error as Error).cause, // of its classifier
        );
      case 'conclude': {
        const context = contextOf(task.of, asked);
        const policy = await strategy.conclude(task.history, context);
        const account =
          (await strategy.account?.(task.history, context)) ?? ofScores(task.history, problem.space);
        return { policy, ...account };
      }
      case 'trial':
        return runTrial({
          problem: { ...problem, base: [] },
          train: data.train,
          evaluation: data.test,
          ...augmentationOfArm(problem, task.arm),
          seed,
          pair: task.pair,
          dir: task.dir,
          backend,
          signal: asked.signal,
          progress: (share) => asked.progress(task.arm.name, share),
        });
    }
  };
}

/** A score, or how its training diverged. */
async function orDiverged(
  score: Promise<number>,
  faultIn: (error: unknown) => unknown,
): Promise<number | Diverged> {
  try {
    return await score;
  } catch (error) {
    const fault = faultIn(error);
    if (fault instanceof DivergedError) return { diverged: fault.message };
    throw error;
  }
}

async function versionsHere(request?: BackendRequest): Promise<Versions> {
  const { name, version, beside } = await loadBackend(request);
  return {
    rxaug: ownVersion(),
    backend: `${name} ${version}`,
    // With XLA, what computes the searches of a critic and each first step.
    ...(beside && { beside: `${beside.name} ${beside.version}` }),
    processor: process.arch,
  };
}

/** What costs as much as a policy does. */
function typical(problem: SearchProblem, seed: number): Augmentation {
  const { base, space } = problem;
  const policy = randomPolicy(space, fold(keyOf(seed), tag('search-measure')));
  const { operators, stages } = augmentationOf(space, policy);
  return { operators: [...base, ...operators], stages };
}

/** Folders inside that of a search. */
export const folders = (out: string) => ({
  data: join(out, 'data'),
  trials: join(out, 'trials'),
  worth: join(out, 'worth'),
  search: (i: number) => join(out, 'searches', `${i + 1}`),
});
