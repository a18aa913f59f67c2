/** Reductions over axes, such as sums and means, and softmax. */
import type { Node } from '../../graph.js';
import type { Emitter } from '../emitter.js';
import { dataTypes, type OnnxType } from '../schema.js';
import { axisIn, axisOf, type Rule, type Rules, rank, refuse, suited } from './rule.js';

/** `through`: a type to compute in, where ONNX does not reduce the input's. */
function reduce(type: string, through?: OnnxType): Rule {
  return (node, e) => {
    const { x } = node.inputs;
    const [output] = node.outputs;
    const axes = axesOf(node);
    if (axes.length === 0) {
      e.give(output, e.take(x));
      return;
    }
    // What is left keeps its order, unless channels stay behind together with a side of the image.
    const images =
      rank(x) === 4 && e.hasImages(x) && (axes.includes(3) || (axes.includes(1) && axes.includes(2)));
    const keepdims = rank(output) === rank(x) ? 1 : 0;
    const list = e.integers(axes.map((axis) => axisIn(images, axis)).sort((a, b) => a - b));
    const name = images ? e.takeImages(x) : e.take(x);
    const typed = through ? e.op('Cast', [name], { to: dataTypes[through] }) : name;
    const reduced = e.op(type, [typed, list], { keepdims });
    const made = through ? e.op('Cast', [reduced], { to: dataTypes[output.dtype as OnnxType] }) : reduced;
    if (images && keepdims) e.giveImages(output, made);
    else e.give(output, made);
  };
}

function axesOf({ inputs: { x }, attributes }: Node): number[] {
  const axis = attributes.axis ?? attributes.reductionIndices; // tfjs's Max calls it that
  if (axis === null || axis === undefined) return x.shape.map((_, i) => i);
  const list = Array.isArray(axis) ? axis : [axis];
  return list.map((each) => axisOf(each, x));
}

function argument(type: string): Rule {
  return (node, e) => {
    const { x } = node.inputs;
    const found = e.op(type, [e.take(x)], { axis: axisOf(node.attributes.axis, x), keepdims: 0 });
    e.give(node.outputs[0], e.op('Cast', [found], { to: dataTypes.int32 }));
  };
}

const softmax: Rule = (node, e) => {
  const { logits } = node.inputs;
  const { images, names, give } = suited(e, [logits], node.outputs[0]);
  give(e.op('Softmax', names, { axis: axisIn(images, axisOf(node.attributes.dim ?? -1, logits)) }));
};

export const reductions: Rules = {
  Sum: reduce('ReduceSum'),
  Mean: reduce('ReduceMean'),
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  Prod: reduce('ReduceProd'),
  All: reduce('ReduceMin', 'int32'),
  Any: reduce('ReduceMax', 'int32'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Softmax: softmax,
  Cumsum: (node, e) => {
    const { axis, exclusive, reverse } = node.attributes;
    const { x } = node.inputs;
    if (rank(x) === 0) throw refuse(node, 'no axes');
    e.give(node.outputs[0], cumulate(e, e.take(x), axisOf(axis, x), exclusive === true, reverse === true));
  },
};

function cumulate(e: Emitter, x: string, axis: number, exclusive: boolean, reverse: boolean): string {
  return e.op('CumSum', [x, e.scalar('int64', axis)], {
    exclusive: Number(exclusive),
    reverse: Number(reverse),
  });
}
