/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997), [B, T, D] → [B, T, units] or its last step:
 * i, f, g, o = x·W + h·U + b; c ← σ(f)∘c + σ(i)∘tanh(g); h ← σ(o)∘tanh(c). W is [D, 4·units] and U
 * [units, 4·units], gates in PyTorch's order. The forget gate's bias begins at 1 (Jozefowicz et al., 2015).
 * Variational dropout: see recurrent.ts.
 */
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

export function lstm(options: RecurrentOptions): Layer {
  return recurrent(cell, options);
}
