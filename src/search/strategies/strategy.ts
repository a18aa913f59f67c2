/** Strategies: each proposes policies, learns from their scores, and proposes again. */
import type { PolicySetting } from '../policy/policy.js';
import type { SearchProblem } from '../problem.js';

/** A policy to score, and how much to spend on it. */
export interface Candidate {
  /** Unique within a search, and part of file names: 'rung1-07'. */
  readonly name: string;
  readonly policy: PolicySetting;
  /** Epochs of a short training, for scorers that train. */
  readonly epochs?: number;
}

/** A candidate with its score; higher is better. */
export interface Scored extends Candidate {
  readonly score: number;
}

export interface StrategyContext {
  readonly problem: SearchProblem;
  readonly seed: number;
  /** Seconds that this search may take. */
  readonly seconds: number;
  /** Folder of this search's own files, such as checkpoints. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** One line of progress, and the share that is done. */
  progress(line: string, share: number): void;
}

/** Turns a policy into a number, higher is better: a short training, a density, a function of one's own. */
export type Scorer = (candidate: Candidate, context: StrategyContext) => Promise<number>;

/**
 * A way of searching. `propose` is a pure function of what was scored so far (and of seed and problem), so a search that
 * was interrupted goes on from its journal: the same proposals, and finished scores are not computed again.
 */
export interface Strategy {
  readonly name: string;
  /** The next candidates to score; none: the search is over. */
  propose(
    history: readonly Scored[],
    context: StrategyContext,
  ): readonly Candidate[] | Promise<readonly Candidate[]>;
  readonly score: Scorer;
  /** The policy that was found, from all scores. */
  conclude(history: readonly Scored[], context: StrategyContext): PolicySetting;
}
