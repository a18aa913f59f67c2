import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { type Cell, type RecurrentOptions, recurrent } from './recurrent.js';

const cell: Cell = {
  layer: 'lstm',
  gates: 4,
  states: 2,
  init(scope, units) {
    const remembering = () => new Float32Array(4 * units).fill(1, units, 2 * units);
    scope.param('bias', 'bias', [4 * units], remembering);
  },
  step(_, { input, inner }, [, c]) {
    const [i, f, g, o] = tf.split(tf.add(input, inner), 4, 1);
    const kept = tf.mul(tf.sigmoid(f), c);
    const next = tf.add(kept, tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
  },
};

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997): i, f, g, o = x·W + h·U + b; c ← σ(f)∘c + σ(i)∘tanh(g);
 * h ← σ(o)∘tanh(c). [B, T, D] → the last state [B, units], or all of them [B, T, units]. W is [D, 4·units] and U
 * [units, 4·units], gates in PyTorch's order; the bias of the forget gate starts at 1 (Jozefowicz et al., 2015).
 * Dropout of inputs and of the state is variational (Gal and Ghahramani, 2016): one mask for all steps.
 *
 * @param units Numbers in the state, ≥ 1.
 * @throws UsageError if the input is not [T, D]: put rows() before it to read an image row by row.
 * @example
 * lstm(64, { returnSequences: true }).config.returnSequences // → true
 */
export function lstm(units: number, options: RecurrentOptions = {}): Layer {
  return recurrent(cell, units, options);
}
