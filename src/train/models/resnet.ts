import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { batchNorm, dense, dropout, globalPool, relu, sequential } from '../layers/index.js';
import { rateSchema } from '../layers/masks.js';
import { depthLayer, networkDepthSchema } from '../layers/stochastic-depth.js';
import type { Model } from './model.js';
import { basicBlock, conv3x3 } from './residual-block.js';

export const resnetOptions = z.strictObject({
  /** Layers with weights, 6n + 2. */
  depth: z.union([z.literal(8), z.literal(14), z.literal(20), z.literal(32), z.literal(44), z.literal(56)]),
  /** The shortcut where the shape changes: 'A' subsamples and pads with zeros, as in the paper; 'B' is a 1×1 convolution. Default 'A'. */
  shortcut: z.enum(['A', 'B']).default('A'),
  /** Filters of the first stage; the others have twice and four times as many. Default 16. */
  width: z.int().min(1).default(16),
  /** Drop rate of the last block, to which those before it rise linearly; or { rate, mode, form }. Default 0. */
  stochasticDepth: networkDepthSchema.default(0),
  /** Dropout rate before the head, in 0..0.999: a number or a schedule. Default 0. */
  dropout: rateSchema.default(0),
});

/**
 * ResNet for small images (He et al., "Deep residual learning for image recognition", 2016, section 4.2): three stages of n
 * blocks with 16, 32 and 64 filters; each block has two 3×3 convolutions with batch norm; the second and third stage halve
 * the image. Convolutions have no bias and pad one pixel on each side. ResNet-20 with shortcut A has 269,722 parameters
 * for ten classes. Images [B, H, W, C] → logits [B, classes].
 *
 * @param depth 8, 14, 20, 32, 44 or 56, that is 6n + 2. 8 and 14 train in minutes, 20 in an hour, 56 in a day.
 * @throws UsageError if the depth is another, or an option is out of range.
 * @example
 * resnet(20, { stochasticDepth: 0.1 }).name // → 'resnet-20'
 */
export function resnet(
  depth: z.input<typeof resnetOptions>['depth'],
  options: Omit<z.input<typeof resnetOptions>, 'depth'> = {},
): Model {
  const parsed = parseOptions('resnet', resnetOptions, positional('resnet', { depth }, options));
  const { shortcut, width } = parsed;
  const blocks = (depth - 2) / 6;

  return {
    name: `resnet-${depth}${width === 16 ? '' : `x${width}`}`,
    config: { model: 'resnet', ...parsed },
    layers: (classes) =>
      sequential([
        sequential([conv3x3(width), batchNorm({ name: 'norm' }), relu()], { name: 'stem' }),
        ...[1, 2, 3].map((stage) => {
          const filters = width * 2 ** (stage - 1);
          const list = Array.from({ length: blocks }, (_, i) =>
            basicBlock({
              filters,
              stride: stage > 1 && i === 0 ? 2 : 1,
              shortcut,
              drop: depthLayer(parsed.stochasticDepth, (stage - 1) * blocks + i + 1, 3 * blocks),
              name: `block${i + 1}`,
            }),
          );
          return sequential(list, { name: `stage${stage}` });
        }),
        globalPool(),
        ...(parsed.dropout === 0 ? [] : [dropout(parsed.dropout)]),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
