/** Products of matrices, and sums over products. */

import type { Node } from '../../graph.js';
import { bool, int, text, type } from '../attributes.js';
import type { Emitter } from '../emitter.js';
import { finished } from './elementwise.js';
import { giving, type Rules, sizes, T, taken } from './rule.js';
import { reshaped } from './shape.js';

const float32 = { T: type('float32') };

/**
 * One product of two matrices is `MatMul`, into which TensorFlow fuses a bias and an activation; more of them are
 * `BatchMatMulV2`.
 */
function product(e: Emitter, node: Node): string {
  const { a, b } = node.inputs;
  const { transposeA, transposeB } = node.attributes;
  const [left, right, out] = [a, b, node.outputs[0]].map(sizes);
  const [x, y] = [e.take(a), e.take(b)];
  const [ta, tb] = [transposeA === true, transposeB === true].map(bool);
  if ([left, right].some((shape) => shape.slice(0, -2).some((size) => size !== 1))) {
    return e.op('BatchMatMulV2', [x, y], { ...T(node), adj_x: ta, adj_y: tb });
  }
  const flat = (shape: number[]) => shape.slice(-2);
  const one = e.op('MatMul', [reshaped(e, x, left, flat(left)), reshaped(e, y, right, flat(right))], {
    ...T(node),
    transpose_a: ta,
    transpose_b: tb,
  });
  return reshaped(e, one, flat(out), out);
}

export const matrices: Rules = {
  BatchMatMul: (node, e) => e.give(node.outputs[0], product(e, node)),
  _FusedMatMul: (node, e) => {
    const [bias, slope] = ['bias', 'preluActivationWeights'].map((name) => taken(e, node, name));
    e.give(node.outputs[0], finished(e, product(e, node), node, { bias, slope }));
  },
  Einsum: giving((e, names, node) =>
    e.op('Einsum', names, {
      ...float32,
      N: int(names.length),
      equation: text(String(node.attributes.equation)),
    }),
  ),
};
