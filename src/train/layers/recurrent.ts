/** Recurrent layers: a cell unrolled over the steps of a sequence, with variational dropout. */

import { z } from 'zod';
import { expected, parseOptions, type Scheduled, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { blocks, initializerNames, initializers } from './initializers.js';
import type { InitScope, Layer, Scope } from './layer.js';
import { invertedMask, rateSchema } from './masks.js';
import { named } from './named.js';

export const recurrentOptions = z.strictObject({
  /** Numbers in the state. */
  units: z.int().min(1),
  /** Whether the output is the state after every step, [B, T, units], or the last one, [B, units]. Default false. */
  returnSequences: z.boolean().default(false),
  /** Probability of dropping an input, in 0..0.999: a number or a schedule. Default 0. */
  inputDropout: rateSchema.default(0),
  /** Probability of dropping a unit of the state where it enters the products: a number or a schedule. Default 0. */
  recurrentDropout: rateSchema.default(0),
  /** First values of the kernel, gate by gate; the recurrent kernel is orthogonal in each gate. Default 'lecunNormal'. */
  initializer: z.enum(initializerNames).default('lecunNormal'),
  ...named,
});
/** Options of `lstm` and `gru`. */
export type RecurrentOptions = Omit<z.input<typeof recurrentOptions>, 'units'>;

/** What one kind of recurrent layer computes in a step. */
export interface Cell {
  readonly layer: string;
  /** Blocks of `units` in each product. */
  readonly gates: number;
  /** Tensors [B, units] that pass from step to step; the first is the output. */
  readonly states: number;
  /** Declares the biases. */
  init(scope: InitScope, units: number): void;
  /** `input` is x·W + b and `inner` is h·U of this step, both [B, gates·units]. */
  step(
    scope: Scope,
    { input, inner }: { readonly input: tf.Tensor; readonly inner: tf.Tensor },
    state: readonly tf.Tensor[],
  ): tf.Tensor[];
}

/**
 * A cell unrolled over the steps of [B, T, D], with variational dropout (Gal and Ghahramani, 2016): one mask for the
 * inputs and one for the state that enters the products, drawn for each example and shared by all steps and gates;
 * what is kept is divided by 1 − rate. The cell state of an LSTM, which enters no product, is not dropped. Inference
 * drops nothing.
 */
export function recurrent(cell: Cell, size: number, options: RecurrentOptions): Layer {
  const given = positional(cell.layer, { units: size }, options);
  const parsed = parseOptions(cell.layer, recurrentOptions, given);
  const { units, returnSequences, initializer } = parsed;
  const width = cell.gates * units;
  return {
    config: { layer: cell.layer, ...parsed },
    init(scope, input) {
      if (input.length !== 2) {
        throw new UsageError(
          expected(cell.layer, 'steps [T, D]', input, 'put rows() before it to read an image row by row'),
        );
      }
      const [steps, inputs] = input;
      scope.param('kernel', 'kernel', [inputs, width], blocks(cell.gates, initializers[initializer]));
      scope.param('recurrentKernel', 'kernel', [units, width], blocks(cell.gates, initializers.orthogonal));
      cell.init(scope, units);
      return returnSequences ? [steps, units] : [units];
    },
    apply(scope, x) {
      const [batch, steps, inputs] = x.shape as [number, number, number];
      const inputMask = variationalMask(scope, parsed.inputDropout, [batch, 1, inputs], 0);
      const stateMask = variationalMask(scope, parsed.recurrentDropout, [batch, units], 1);
      const seen = inputMask ? tf.mul(x, inputMask) : x;
      // The inputs of all steps in one product.
      const product = tf.matMul(seen.reshape([batch * steps, inputs]), scope.param('kernel'));
      const all = tf.add(product, scope.param('bias')).reshape([batch, steps, width]);
      const recurrentKernel = scope.param('recurrentKernel');
      let state = Array.from({ length: cell.states }, () => tf.zeros([batch, units]) as tf.Tensor);
      const outputs = tf.unstack(all, 1).map((input) => {
        const h = stateMask ? tf.mul(state[0], stateMask) : state[0];
        state = cell.step(scope, { input, inner: tf.matMul(h, recurrentKernel) }, state);
        return state[0];
      });
      return returnSequences ? tf.stack(outputs, 1) : state[0];
    },
  };
}

function variationalMask(scope: Scope, rate: Scheduled, shape: number[], nth: number): tf.Tensor | undefined {
  if (!scope.noisy || rate === 0) return undefined;
  return invertedMask(scope, shape, rate, nth);
}
