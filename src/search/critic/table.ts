/** The table of ops as an augmenter: hard choices, credited with what they gain, and ranges that follow gradients. */

import { applyChoices } from '../policy/apply.js';
import { startStages } from '../policy/batch-stages.js';
import { drawChoices } from '../policy/choices.js';
import { effectiveOps } from '../policy/effective-ops.js';
import { movedBy, readPolicy, settingOf } from '../policy/parameters.js';
import { strengthOf } from '../policy/strength.js';
import type { SearchSpace } from '../space/search-space.js';
import { renderedTwin } from '../twins/rendered.js';
import type { AugmenterFor } from './augmenter.js';
import { averagePolicy, learnPolicy, rangesOf, startPolicy } from './learned-policy.js';
import type { CriticOptions } from './options.js';

/** The space with a twin for every op: those that have none are rendered, without a gradient of their magnitude. */
const withTwins = (space: SearchSpace): SearchSpace => ({
  ...space,
  ops: space.ops.map((op) => (op.twin ? op : { ...op, twin: renderedTwin(op) })),
});

/** Probabilities that a search holds at their edge are those of ops that it does not want. */
const LEAST = 0.03;

export function tableAugmenter(
  given: SearchSpace,
  { policyRate: rate, memory }: Pick<CriticOptions, 'policyRate' | 'memory'>,
): AugmenterFor {
  const space = withTwins(given);
  return () => ({
    identity: { ops: space.ops.map(({ name }) => name) },
    averaged: [],
    start: () => startPolicy(space),
    turn(state, images, key) {
      const values = readPolicy(state.params);
      const choices = drawChoices(space, values, key, images.shape[0]);
      return {
        params: rangesOf(state.params),
        augment: (ranges) => applyChoices(space, ranges, images, choices, key),
        learn: ({ gain, gradients, moves, progress }) =>
          learnPolicy(state, {
            ...{ space, choices, values, gain, gradients, moves },
            options: { rate, memory, progress },
          }),
        standing() {
          const policy = settingOf(space, values);
          return { strength: strengthOf(space, policy), effectiveOps: effectiveOps(policy) };
        },
      };
    },
    found({ slots }) {
      const values = averagePolicy(slots);
      return {
        policy: { ...settingOf(space, values, LEAST), ...startStages(space) },
        moved: movedBy(values),
      };
    },
  });
}
