/**
 * A small convolutional network without shortcuts: for every entry of `filters` one 3×3 convolution with
 * batch norm, relu and a 2×2 max pool, then the mean of each channel, dropout, and a dense layer.
 */
import { z } from 'zod';
import { parseOptions, scheduled } from '../../core/index.js';
import { batchNorm, conv2d, dense, dropout, globalPool, maxPool, relu, sequential } from '../layers/index.js';
import type { Model } from './model.js';

export const cnnOptions = z.strictObject({
  filters: z.array(z.int().min(1)).min(1).default([32, 64, 128]),
  dropout: scheduled(0, 0.999).default(0),
});

export function cnn(options: z.input<typeof cnnOptions> = {}): Model {
  const parsed = parseOptions('cnn', cnnOptions, options);
  return {
    name: `cnn-${parsed.filters.join('-')}`,
    config: { model: 'cnn', ...parsed },
    layers: (classes) =>
      sequential([
        ...parsed.filters.map((filters, i) =>
          sequential(
            [conv2d({ filters, bias: false, name: 'conv' }), batchNorm({ name: 'norm' }), relu(), maxPool()],
            { name: `stage${i + 1}` },
          ),
        ),
        globalPool(),
        dropout({ rate: parsed.dropout }),
        dense({ units: classes, initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
