/** Products of matrices. */
import type { Node, Value } from '../../graph.js';
import { type Emitter, permute, sizes } from '../emitter.js';
import { activate } from './elementwise.js';
import { type Rule, type Rules, typeOf } from './rule.js';

const matMul: Rule = (node, e) => {
  e.give(node.outputs[0], product(e, node));
};

const fusedMatMul: Rule = (node, e) => {
  const { bias, preluActivationWeights: slope } = node.inputs;
  const made = product(e, node);
  const sum = bias ? e.op('Add', [made, e.take(bias)]) : made;
  e.give(node.outputs[0], activate(e, sum, node, slope && e.take(slope)));
};

function product(e: Emitter, { inputs: { a, b }, attributes }: Node): string {
  return e.op('MatMul', [turned(e, a, attributes.transposeA), turned(e, b, attributes.transposeB)]);
}

/** A matrix, or its transpose, written down as such where its numbers are known. */
function turned(e: Emitter, value: Value, transpose: unknown): string {
  if (!transpose) return e.take(value);
  const perm = value.shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  const data = e.numbers(value);
  if (!data) return e.op('Transpose', [e.take(value)], { perm });
  const made = permute(data, sizes(value.shape), perm);
  return e.tensor(value.name, typeOf(value), made.dims, made.data);
}

export const matrices: Rules = {
  BatchMatMul: matMul,
  _FusedMatMul: fusedMatMul,
  Einsum: (node, e) => {
    const names = Object.values(node.inputs).map((value) => e.take(value));
    e.give(node.outputs[0], e.op('Einsum', names, { equation: node.attributes.equation as string }));
  },
};
