import { z } from 'zod';
import { parseOptions, scheduled } from '../../core/index.js';
import { dense, dropout, flatten, relu, sequential } from '../layers/index.js';
import type { Model } from './model.js';

export const mlpOptions = z.strictObject({
  /** Units of each hidden layer; an empty list makes a linear model. Default [256, 128]. */
  hidden: z.array(z.int().min(1)).default([256, 128]),
  /** Dropout rate after each hidden layer, in 0..0.999: a number or a schedule. Default 0. */
  dropout: scheduled(0, 0.999).default(0),
});

/**
 * A multilayer perceptron: flattened pixels, dense layers with relu and dropout after each, a dense head. Images
 * [B, H, W, C] → logits [B, classes].
 *
 * @throws UsageError if an option is out of range.
 * @example
 * mlp({ hidden: [64], dropout: 0.2 }).name // → 'mlp-64'
 */
export function mlp(options: z.input<typeof mlpOptions> = {}): Model {
  const parsed = parseOptions('mlp', mlpOptions, options);
  const { hidden, dropout: rate } = parsed;
  return {
    name: hidden.length === 0 ? 'linear' : `mlp-${hidden.join('-')}`,
    config: { model: 'mlp', ...parsed },
    layers: (classes) =>
      sequential([
        flatten(),
        ...hidden.flatMap((units, i) => [dense(units, { name: `hidden${i + 1}` }), relu(), dropout(rate)]),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
