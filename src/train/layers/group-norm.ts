/**
 * Group normalization (Wu and He, 2018): the channels of [B, …, C] in groups of neighbors, each normalized over
 * its channels and all of space for every sample alone; then scale and shift for each channel. One group is
 * layer norm over the whole image, C groups are instance norm. The same in training and inference. A group of one value
 * is refused: it would always be normalized to 0.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { standardize } from './layer-norm.js';

export const groupNormOptions = z.strictObject({
  groups: z.int().min(1).default(8),
  epsilon: z.number().positive().default(1e-5),
  name: z.string().optional(),
});

export function groupNorm(options: z.input<typeof groupNormOptions> = {}): Layer {
  const parsed = parseOptions('groupNorm', groupNormOptions, options);
  const { groups, epsilon } = parsed;
  return {
    config: { layer: 'groupNorm', ...parsed },
    init(scope, input) {
      const channels = input[input.length - 1];
      if (channels % groups !== 0) {
        throw new UsageError(
          expected('groupNorm', `channels that ${groups} groups divide`, channels, 'change groups'),
        );
      }
      const values = input.reduce((product, side) => product * side, 1) / groups;
      if (values < 2) {
        throw new UsageError(
          expected(
            'groupNorm',
            'at least 2 values in each group',
            `${groups} groups of [${input}]`,
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
      const grouped = x.reshape([x.shape[0], -1, groups, channels / groups]); // [B, H·W, G, C/G]
      const y = standardize(grouped, [1, 3], epsilon).reshape(x.shape);
      return tf.add(tf.mul(y, scope.param('scale')), scope.param('shift'));
    },
  };
}
