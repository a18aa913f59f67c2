/**
 * A recurrent network that reads an image from top to bottom, one row a step: layers of LSTM or GRU, each
 * with variational dropout (Gal and Ghahramani, 2016), and a dense head on the last state.
 */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { dense, dropout, gru, lstm, rows, sequential } from '../layers/index.js';
import { rateSchema } from '../layers/masks.js';
import type { Model } from './model.js';

export const rowRnnOptions = z.strictObject({
  cell: z.enum(['lstm', 'gru']).default('lstm'),
  units: z.int().min(1).default(128),
  layers: z.int().min(1).default(1),
  /** Of what enters each layer and the head. */
  dropout: rateSchema.default(0),
  /** Of the state on its way from step to step. */
  recurrentDropout: rateSchema.default(0),
});

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
          layer({
            units,
            returnSequences: i < depth - 1,
            inputDropout: rate,
            recurrentDropout,
            name: `${cell}${i + 1}`,
          }),
        ),
        dropout({ rate }),
        dense({ units: classes, initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
