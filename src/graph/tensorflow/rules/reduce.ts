/** Reductions over axes, and softmax. */
import type { Node } from '../../graph.js';
import { bool, type, typeOf } from '../attributes.js';
import type { Settings } from '../emitter.js';
import { axesOf, giving, type Rule, type Rules, refuse, T } from './rule.js';

function reduce(op: string, settings: (node: Node) => Settings = T): Rule {
  return giving((e, [x], node) => {
    const { axis, reductionIndices, keepDims } = node.attributes;
    const { x: input } = node.inputs;
    const axes = e.integers(axesOf(axis ?? reductionIndices, input)); // tfjs's Max calls it that
    return e.op(op, [x, axes], {
      keep_dims: bool(keepDims === true),
      ...settings(node),
      Tidx: type('int32'),
    });
  });
}

const logical = (op: string): Rule => reduce(op, () => ({}));

function argument(op: string): Rule {
  return giving((e, [x], node) => {
    const { x: input } = node.inputs;
    const [axis] = axesOf(node.attributes.axis ?? 0, input);
    const isBool = typeOf(input) === 'bool';
    const numbers = isBool ? e.op('Cast', [x], { SrcT: type('bool'), DstT: type('int32') }) : x;
    return e.op(op, [numbers, e.scalar('int32', axis)], {
      T: type(isBool ? 'int32' : typeOf(input)),
      Tidx: type('int32'),
      output_type: type('int32'),
    });
  });
}

function cumulative(op: string): Rule {
  return giving((e, [x], node) => {
    const { axis, exclusive, reverse } = node.attributes;
    const [at] = axesOf(axis, node.inputs.x);
    return e.op(op, [x, e.scalar('int32', at)], {
      exclusive: bool(exclusive === true),
      reverse: bool(reverse === true),
      ...T(node),
      Tidx: type('int32'),
    });
  });
}

/** tfjs takes the mean of integers as that of floats. */
const mean: Rule = (node, e) => {
  const { x } = node.inputs;
  const from = typeOf(x);
  if (from === 'float32') return reduce('Mean')(node, e);
  const value = { ...x, dtype: 'float32' } as const;
  e.give(value, e.op('Cast', [e.take(x)], { SrcT: type(from), DstT: type('float32') }));
  return reduce('Mean')({ ...node, inputs: { x: value } }, e);
};

const softmax: Rule = giving((e, [logits], node) => {
  const { logits: input } = node.inputs;
  const [dim] = axesOf(node.attributes.dim ?? -1, input);
  if (dim !== input.shape.length - 1) throw refuse(node, `dim ${dim}, which is not the last`);
  return e.op('Softmax', [logits], T(node));
});

export const reductions: Rules = {
  Sum: reduce('Sum'),
  Mean: mean,
  Max: reduce('Max'),
  Min: reduce('Min'),
  Prod: reduce('Prod'),
  All: logical('All'),
  Any: logical('Any'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: cumulative('Cumsum'),
  Cumprod: cumulative('Cumprod'),
  Softmax: softmax,
};
