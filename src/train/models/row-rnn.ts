import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { dense, dropout, gru, lstm, rows, sequential } from '../layers/index.js';
import { rateSchema } from '../layers/masks.js';
import type { Model } from './model.js';

export const rowRnnOptions = z.strictObject({
  /** Default 'lstm'. */
  cell: z.enum(['lstm', 'gru']).default('lstm'),
  /** Numbers in the state of each layer. Default 128. */
  units: z.int().min(1).default(128),
  /** Number of recurrent layers. Default 1. */
  layers: z.int().min(1).default(1),
  /** Dropout rate of the inputs of each layer and of the head, in 0..0.999: a number or a schedule. Default 0. */
  dropout: rateSchema.default(0),
  /** Dropout rate of the state between steps, in 0..0.999: a number or a schedule. Default 0. */
  recurrentDropout: rateSchema.default(0),
});

/**
 * A recurrent network that reads an image from top to bottom, one row a step: layers of LSTM or GRU, each with variational
 * dropout (Gal and Ghahramani, 2016), and a dense head on the last state. Images [B, H, W, C] → logits [B, classes].
 *
 * @throws UsageError if an option is out of range.
 * @example
 * rowRnn({ cell: 'gru', units: 64 }).name // → 'row-gru-64'
 */
export function rowRnn(options: z.input<typeof rowRnnOptions> = {}): Model {
  const parsed = parseOptions('rowRnn', rowRnnOptions, options);
  const { cell, units, layers: depth, dropout: rate, recurrentDropout } = parsed;
  const layer = { lstm, gru }[cell];
  return {
    name: `row-${cell}-${Array.from({ length: depth }, () => units).join('-')}`,
    config: { model: 'rowRnn', ...parsed },
    layers: (classes) =>
      sequential([
        rows(),
        ...Array.from({ length: depth }, (_, i) =>
          layer(units, {
            returnSequences: i < depth - 1,
            inputDropout: rate,
            recurrentDropout,
            name: `${cell}${i + 1}`,
          }),
        ),
        dropout(rate),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
