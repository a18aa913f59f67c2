/** Strategies: each proposes policies, learns from their scores, and proposes again. */
import type { BackendRequest } from '../../train/backends/backend.js';
import type { ProblemData } from '../data/splits.js';
import type { PolicySetting } from '../policy/policy.js';
import type { SearchProblem } from '../problem.js';
import type { SearchRun } from '../result.js';

/** A policy to score, and how much to spend on it. */
export interface Candidate {
  /** Unique within a search, and part of file names: 'rung1-07'. */
  readonly name: string;
  readonly policy: PolicySetting;
  /** Epochs of a short training, for scorers that train. */
  readonly epochs?: number;
  /** Short trainings of the same pair share first weights and order of images; only their scores are compared. Default 0. */
  readonly pair?: number;
}

/** A candidate with its score; higher is better. */
export interface Scored extends Candidate {
  /** `WORST` where its training diverged. */
  readonly score: number;
  /** Where its training diverged: how. */
  readonly diverged?: string;
}

/** Below every score of a training that did not diverge, yet finite: strategies take means. */
export const WORST = -1e9;

/** What things cost on this machine: measured once before a search and written in its plan, so that proposals stay pure. */
export interface Cost {
  /** One image through one epoch of a training, rendered and learned from; of the clock, with all trainings side by side. */
  readonly secondsPerImageEpoch: number;
  /** A short training apart from its epochs: start and evaluation. */
  readonly secondsPerTrial: number;
  /** One image rendered and passed forward once. */
  readonly secondsPerForward: number;
  /** Images that a search learns from, and labeled ones that candidates are scored on. */
  readonly searchImages: number;
  readonly validationImages: number;
}

export interface StrategyContext {
  readonly problem: SearchProblem;
  readonly data: ProblemData;
  readonly seed: number;
  /** Seconds of the clock that its scores may take, if all trainings side by side are its own. */
  readonly seconds: number;
  /** Seconds that it may take within `propose` and `conclude`, which run on one core, beside the other searches. */
  readonly secondsAlone: number;
  readonly cost: Cost;
  /** Folder of this search's own files, such as checkpoints. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** Default 'auto'. */
  readonly backend?: BackendRequest;
  /** One line of progress, and the share that is done. */
  progress(line: string, share: number): void;
}

/** Turns a policy into a number, higher is better: a short training, a density, a function of one's own. */
export interface Scorer {
  (candidate: Candidate, context: StrategyContext): Promise<number>;
  /** Seconds that one score takes. Absent: strategies need the number of candidates. */
  readonly seconds?: (candidate: Pick<Candidate, 'epochs'>, context: StrategyContext) => number;
  /** Seconds before the first score, such as those of a training that all scores share. Default 0. */
  readonly setup?: (context: StrategyContext) => number;
}

/**
 * A way of searching. `propose` is a pure function of what was scored so far (and of seed and problem), so a search that
 * was interrupted goes on from its journal: the same proposals, and finished scores are not computed again.
 */
export interface Strategy {
  readonly name: string;
  /** Plain JSON of its options: a search is resumed only with the same. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The next candidates to score; none: the search is over. */
  propose(
    history: readonly Scored[],
    context: StrategyContext,
  ): readonly Candidate[] | Promise<readonly Candidate[]>;
  readonly score: Scorer;
  /** The policy that was found, from all scores. */
  conclude(history: readonly Scored[], context: StrategyContext): PolicySetting | Promise<PolicySetting>;
  /** What the report shows of the search besides the policy; absent: the best score so far, candidate by candidate. */
  account?(history: readonly Scored[], context: StrategyContext): Account | Promise<Account>;
}

/** How a search went; see `SearchRun`. */
export interface Account extends Pick<SearchRun, 'trace' | 'moved' | 'withoutGradient' | 'atStart'> {
  /** Sentences for the notes of the result, such as on which backend it ran if not on the one that was asked for. */
  readonly notes?: readonly string[];
}

/** What a pipeline's `search` returns: the problem, and strategies of one's own for `--strategy`. */
export interface SearchDefinition extends SearchProblem {
  readonly strategies?: Readonly<Record<string, () => Strategy>>;
}
