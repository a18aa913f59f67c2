import { z } from 'zod';
import { parseOptions, scheduled } from '../../core/index.js';
import { batchNorm, conv2d, dense, dropout, globalPool, maxPool, relu, sequential } from '../layers/index.js';
import type { Model } from './model.js';

export const cnnOptions = z.strictObject({
  /** Filters of each stage. Default [32, 64, 128]. */
  filters: z.array(z.int().min(1)).min(1).default([32, 64, 128]),
  /** Dropout rate before the head, in 0..0.999: a number or a schedule. Default 0. */
  dropout: scheduled(0, 0.999).default(0),
});

/**
 * A small convolutional network without shortcuts: for each entry of `filters` a 3×3 convolution with batch norm, relu and
 * a 2×2 max pool, then the mean of each channel, dropout, and a dense layer. Images [B, H, W, C] → logits [B, classes].
 *
 * @throws UsageError if an option is out of range; when it is built, if an image is too small for the pools.
 * @example
 * cnn({ filters: [16, 32] }).name // → 'cnn-16-32'
 */
export function cnn(options: z.input<typeof cnnOptions> = {}): Model {
  const parsed = parseOptions('cnn', cnnOptions, options);
  return {
    name: `cnn-${parsed.filters.join('-')}`,
    config: { model: 'cnn', ...parsed },
    layers: (classes) =>
      sequential([
        ...parsed.filters.map((filters, i) =>
          sequential(
            [conv2d(filters, { bias: false, name: 'conv' }), batchNorm({ name: 'norm' }), relu(), maxPool()],
            { name: `stage${i + 1}` },
          ),
        ),
        globalPool(),
        dropout(parsed.dropout),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
