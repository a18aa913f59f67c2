import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { type Cell, type RecurrentOptions, recurrent } from './recurrent.js';

const cell: Cell = {
  layer: 'gru',
  gates: 3,
  states: 1,
  init(scope, units) {
    scope.param('bias', 'bias', [3 * units], constant(0));
    scope.param('recurrentBias', 'bias', [units], constant(0));
  },
  step(scope, { input, inner }, [h]) {
    const [inputR, inputZ, inputN] = tf.split(input, 3, 1);
    const [innerR, innerZ, innerN] = tf.split(inner, 3, 1);
    const r = tf.sigmoid(tf.add(inputR, innerR));
    const z = tf.sigmoid(tf.add(inputZ, innerZ));
    const n = tf.tanh(tf.add(inputN, tf.mul(r, tf.add(innerN, scope.param('recurrentBias')))));
    return [tf.add(n, tf.mul(z, tf.sub(h, n)))];
  },
};

/**
 * Gated recurrent unit (Cho et al., 2014) in the form of cuDNN, PyTorch and Keras, where the reset gate acts after the
 * product: r, z = σ(x·W + h·U + b); n = tanh(x·W + b + r∘(h·U + b')); h ← (1 − z)∘n + z∘h. [B, T, D] → the last state
 * [B, units], or all of them [B, T, units]. W is [D, 3·units] and U [units, 3·units], gates in the order r, z, n;
 * b' is [units]. Dropout of inputs and of the state is variational (Gal and Ghahramani, 2016): one mask for all steps.
 *
 * @param units Numbers in the state, ≥ 1.
 * @throws UsageError if the input is not [T, D]: put rows() before it to read an image row by row.
 * @example
 * gru(64, { recurrentDropout: 0.2 }).config.recurrentDropout // → 0.2
 */
export function gru(units: number, options: RecurrentOptions = {}): Layer {
  return recurrent(cell, units, options);
}
