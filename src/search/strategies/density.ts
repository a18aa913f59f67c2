import { z } from 'zod';
import { fold, keyOf, parseOptions, tag, UsageError } from '../../core/index.js';
import { startStages } from '../policy/batch-stages.js';
import { equalOdds } from '../policy/equal-odds.js';
import type { PolicySetting } from '../policy/policy.js';
import { randomPolicy } from '../policy/random-policy.js';
import { strengthOf } from '../policy/strength.js';
import { withStrength } from '../policy/with-strength.js';
import { densityScorer } from '../scorers/density.js';
import type { SearchSpace } from '../space/search-space.js';
import { allotment, scoringOptions } from './allotment.js';
import { nextBatch, numbered, rankedScored, scoresOf } from './history.js';
import { ofScores } from './of-scores.js';
import type { Candidate, Strategy } from './strategy.js';

const optionsSchema = scoringOptions.extend({
  /** Default that of every op once, as likely and over all of its bounds: TrivialAugment in this space. */
  strength: z.number().positive().optional(),
});
export type DensityOptions = z.input<typeof optionsSchema>;

const COUNTS = { least: 10, enough: 1000, most: 1000 };
/** Candidates that are proposed at once. */
const BATCH = 10;
/** Share of the candidates that make up what is found, and the most of them. */
const KEPT = 0.1;
const MOST_KEPT = 25;
/** Random policies that are tried for one that can be as strong as asked. */
const TRIES = 1000;

/**
 * Density matching, repaired (Lim et al., 2019): random sub-policies, compared by how probable one classifier, trained once
 * and without them, finds the true classes of the images that they make. Alone that would favor doing nothing, so all are
 * brought to the same strength first; and the score is the mean over images and draws, never the easiest draw of each image.
 * The best tenth of the sub-policies, 25 at most, is the found policy.
 *
 * Stages of batches are not searched: they keep share ½ and the middle of their bounds.
 *
 * Its classifier knows training images only: what held-out images have and training images lack, it cannot find.
 *
 * @throws {UsageError} if an option is unknown or out of range
 *
 * @example
 * // In a pipeline: npx rxaug search my-search.ts --strategy gentle
 * const strategies = { gentle: () => density({ strength: 0.2 }) };
 * strategies.gentle().name // → 'density'
 */
export function density(options: DensityOptions = {}): Strategy {
  const given = parseOptions('density', optionsSchema, options);
  const { scorer = densityScorer(), candidates } = given;
  return {
    name: 'density',
    options: { candidates, strength: given.strength },
    propose(history, context): Candidate[] {
      const space = { ...context.problem.space, batchStages: undefined };
      const { candidates: count, epochs } = allotment('density', { scorer, candidates }, context, COUNTS);
      const strength = given.strength ?? trivialStrength(space);
      const key = fold(keyOf(context.seed), tag('search-density'));
      return nextBatch('density', count, scoresOf('density', history), BATCH).map((i) => ({
        name: numbered('density', i),
        policy: ofStrength(space, strength, (nth) =>
          randomPolicy({ ...space, subPolicies: 1 }, fold(key, i, nth)),
        ),
        epochs,
      }));
    },
    score: scorer,
    conclude(history, { problem: { space } }) {
      const best = rankedScored('density', history);
      const kept = Math.min(MOST_KEPT, Math.max(1, Math.round(KEPT * best.length)));
      const subPolicies = best.slice(0, kept).flatMap(({ policy }) => policy.subPolicies);
      return { subPolicies, ...startStages(space) };
    },
    account: (history, { problem: { space } }) => ({
      ...ofScores(history, space),
      atStart: (space.batchStages ?? []).map(({ name }) => name),
    }),
  };
}

/** Of each op of the space as likely, always applied, at magnitudes over all of its bounds. */
function trivialStrength(space: SearchSpace): number {
  return strengthOf(space, equalOdds(space, { stages: 1, untouched: 0, cap: 1, magnitudes: 'upTo' }));
}

/** The first of random policies that can be as strong as asked. */
function ofStrength(
  space: SearchSpace,
  strength: number,
  make: (nth: number) => PolicySetting,
): PolicySetting {
  for (let nth = 0; nth < TRIES; nth++) {
    const made = withStrength(space, make(nth), strength);
    if (made) return made;
  }
  throw new UsageError(
    `density: expected a strength that policies of ${space.stages} stages can have but received ${strength}; lower strength, widen the bounds, or add stages`,
  );
}
