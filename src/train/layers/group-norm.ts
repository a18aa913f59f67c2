import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { standardize } from '../ops/standardize.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const groupNormOptions = z.strictObject({
  /** Number of groups. Default 8. */
  groups: z.int().min(1).default(8),
  /** ε, added to the variance. Default 1e-5. */
  epsilon: z.number().positive().default(1e-5),
  ...named,
});

/**
 * Group normalization (Wu and He, 2018): the channels of [B, …, C] in groups of neighbors; each group is normalized over
 * its channels and all of space, for each sample alone, then scaled and shifted by channel. One group is layer norm
 * over the whole image, C groups are instance norm. The same in training and inference.
 *
 * @param groups Number of groups, which divides C. Default 8.
 * @throws UsageError if `groups` does not divide the channels, or a group has a single value, which would always be
 * normalized to 0.
 * @example
 * groupNorm(8).config // → { layer: 'groupNorm', groups: 8, epsilon: 0.00001 }
 */
export function groupNorm(
  groups?: number,
  options: Omit<z.input<typeof groupNormOptions>, 'groups'> = {},
): Layer {
  const parsed = parseOptions('groupNorm', groupNormOptions, positional('groupNorm', { groups }, options));
  const { epsilon } = parsed;
  return {
    config: { layer: 'groupNorm', ...parsed },
    init(scope, input) {
      const channels = input[input.length - 1];
      if (channels % parsed.groups !== 0) {
        throw new UsageError(
          expected('groupNorm', `channels that ${parsed.groups} groups divide`, channels, 'change groups'),
        );
      }
      const values = input.reduce((product, side) => product * side, 1) / parsed.groups;
      if (values < 2) {
        throw new UsageError(
          expected(
            'groupNorm',
            'at least 2 values in each group',
            `${parsed.groups} groups of [${input}]`,
            'use fewer groups',
          ),
        );
      }
      scope.param('scale', 'scale', [channels], constant(1));
      scope.param('shift', 'shift', [channels], constant(0));
      return input;
    },
    apply(scope, x) {
      const channels = x.shape[x.rank - 1] as number;
      const grouped = x.reshape([x.shape[0], -1, parsed.groups, channels / parsed.groups]); // [B, H·W, G, C/G]
      const y = standardize(grouped, [1, 3], epsilon).reshape(x.shape);
      return tf.add(tf.mul(y, scope.param('scale')), scope.param('shift'));
    },
  };
}
