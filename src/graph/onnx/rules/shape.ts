/** Operations that move numbers without changing them. */
import { hasBatch, isOpen, type Node, type Size } from '../../graph.js';
import { type Emitter, imageAxis } from '../emitter.js';
import {
  axisIn,
  axisOf,
  inLayout,
  numberAt,
  type Rule,
  type Rules,
  rank,
  refuse,
  sizeList,
  suited,
  typeOf,
} from './rule.js';

const reshape =
  (key: string): Rule =>
  (node, e) => {
    e.give(node.outputs[0], e.reshape(e.take(node.inputs[key]), node.outputs[0].shape));
  };

const slice: Rule = (node, e) => {
  const { x } = node.inputs;
  const { images, names, give } = suited(e, [x], node.outputs[0]);
  // tf.slice(x, 2) is kept as it was called: a number, for the first axis.
  const begin = [sizeList(node, 'begin')].flat().map((at) => fixed(node, at));
  const [output] = node.outputs;
  const axes = begin.map((_, axis) => axis).filter((axis) => !same(x.shape[axis], output.shape[axis]));
  const ends = axes.map((axis) => {
    const size = output.shape[axis];
    if (isOpen(size)) throw refuse(node, 'a cut through the batch');
    return begin[axis] + size;
  });
  give(
    e.op('Slice', [
      names[0],
      e.integers(axes.map((axis) => begin[axis])),
      e.integers(ends),
      e.integers(axes.map((axis) => axisIn(images, axis))),
    ]),
  );
};

/** Beyond every end. */
const FAR = 2 ** 31 - 1;

const same = (a: Size, b: Size): boolean => (isOpen(a) && isOpen(b) ? a.batch === b.batch : a === b);

function fixed(node: Node, size: Size): number {
  if (isOpen(size)) throw refuse(node, 'a place that depends on the batch size');
  return size;
}

const stridedSlice: Rule = (node, e) => {
  const { x } = node.inputs;
  const attributes = node.attributes as unknown as Record<string, number[]> & Record<string, number>;
  for (const mask of ['ellipsisMask', 'newAxisMask']) {
    if (attributes[mask]) throw refuse(node, `${mask} ${attributes[mask]}`);
  }
  const { strides } = attributes;
  const begin = sizeList(node, 'begin').map((at) => fixed(node, at));
  // To the end of the batch is to the end of the axis.
  const end = sizeList(node, 'end').map((at, axis) =>
    isOpen(at) && same(at, x.shape[axis]) ? FAR : fixed(node, at),
  );
  const bit = (mask: string, axis: number) => ((attributes[mask] ?? 0) >> axis) & 1;
  const step = (axis: number) => (bit('shrinkAxisMask', axis) ? 1 : (strides[axis] ?? 1));
  const starts = begin.map((at, axis) => (bit('beginMask', axis) ? (step(axis) > 0 ? 0 : FAR) : at));
  const ends = end.map((at, axis) => {
    if (bit('shrinkAxisMask', axis)) return begin[axis] === -1 ? FAR : begin[axis] + 1;
    return bit('endMask', axis) ? (step(axis) > 0 ? FAR : -FAR) : at;
  });
  const axes = begin.map((_, axis) => axis);
  const lists = [starts, ends, axes, axes.map(step)].map((list) => e.integers(list));
  const cut = e.op('Slice', [e.take(x), ...lists]);
  e.give(node.outputs[0], e.reshape(cut, node.outputs[0].shape));
};

const transpose: Rule = (node, e) => {
  const { x } = node.inputs;
  const perm = sizeList(node, 'perm') as number[];
  if (rank(x) !== 4 || !e.hasImages(x)) {
    e.give(node.outputs[0], e.op('Transpose', [e.take(x)], { perm }));
    return;
  }
  const fromImages = perm.map((axis) => imageAxis[axis]);
  const images = e.takeImages(x);
  const stays = fromImages.every((axis, i) => axis === i);
  e.give(node.outputs[0], stays ? images : e.op('Transpose', [images], { perm: fromImages }));
};

const concat: Rule = (node, e) => {
  const values = Object.values(node.inputs).filter(({ shape }) => !shape.includes(0));
  const [output] = node.outputs;
  const { images, names, give } = suited(e, values, output);
  give(e.op('Concat', names, { axis: axisIn(images, axisOf(node.attributes.axis, output)) }));
};

const tile: Rule = (node, e) => {
  const { images, names, give } = suited(e, [node.inputs.x], node.outputs[0]);
  give(e.op('Tile', [names[0], e.sizes(inLayout(images, sizeList(node, 'reps')))]));
};

const reverse: Rule = (node, e) => {
  const { x } = node.inputs;
  const { images, names, give } = suited(e, [x], node.outputs[0]);
  const given = node.attributes.dims ?? x.shape.map((_, axis) => axis);
  const dims = [given].flat().map((axis) => axisIn(images, axisOf(axis as number, x)));
  give(dims.length === 0 ? names[0] : backwards(e, names[0], dims));
};

export function backwards(e: Emitter, name: string, axes: readonly number[], from = -1, to = -FAR): string {
  const list = (value: number) => e.integers(axes.map(() => value));
  return e.op('Slice', [name, list(from), list(to), e.integers(axes), list(-1)]);
}

const pack: Rule = (node, e) => {
  const [output] = node.outputs;
  const axis = axisOf(node.attributes.axis, output);
  const parts = Object.values(node.inputs).map((x) => e.op('Unsqueeze', [e.take(x), e.integers([axis])]));
  e.give(output, e.op('Concat', parts, { axis }));
};

const unpack: Rule = (node, e) => {
  const { value } = node.inputs;
  const axis = axisOf(node.attributes.axis, value);
  node.outputs.forEach((output, i) => {
    e.give(output, e.op('Gather', [e.take(value), e.scalar('int64', i)], { axis }));
  });
};

const split: Rule = (node, e) => {
  const { x } = node.inputs;
  const { images, names } = suited(e, [x], node.outputs[0]);
  const axis = axisOf(node.attributes.axis, x);
  if (isOpen(x.shape[axis])) throw refuse(node, 'a cut through the batch');
  const parts = e.integers(node.outputs.map(({ shape }) => shape[axis] as number));
  const made = e.ops('Split', [names[0], parts], { axis: axisIn(images, axis) }, node.outputs.length);
  node.outputs.forEach((output, i) => {
    if (images) e.giveImages(output, made[i]);
    else e.give(output, made[i]);
  });
};

const fill: Rule = (node, e) => {
  const [output] = node.outputs;
  const value = e.scalar(typeOf(output), numberAt(node, 'value'));
  e.give(output, hasBatch(output.shape) ? e.op('Expand', [value, e.sizes(output.shape)]) : value);
};

/** Channels into blocks of pixels, first the row, then the column, then the channel: DCR. */
const depthToSpace: Rule = (node, e) => {
  if (node.attributes.dataFormat !== 'NHWC') throw refuse(node, `dataFormat ${node.attributes.dataFormat}`);
  const { x } = node.inputs;
  const settings = { blocksize: numberAt(node, 'blockSize'), mode: 'DCR' };
  e.giveImages(node.outputs[0], e.op('DepthToSpace', [e.takeImages(x)], settings));
};

const gather: Rule = (node, e) => {
  if (numberAt(node, 'batchDims', 0) !== 0) throw refuse(node, `batchDims ${node.attributes.batchDims}`);
  const { x, indices } = node.inputs;
  const axis = axisOf(node.attributes.axis, x);
  e.give(node.outputs[0], e.op('Gather', [e.take(x), e.take(indices)], { axis }));
};

/** Written as comparisons: an index out of range makes a row of `offValue`, as in tfjs. */
const oneHot: Rule = (node, e) => {
  const [output] = node.outputs;
  const depth = numberAt(node, 'depth');
  const classes = e.constant(
    'int32',
    [depth],
    Array.from({ length: depth }, (_, i) => i),
  );
  const one = e.op('Unsqueeze', [e.take(node.inputs.indices), e.integers([-1])]);
  const value = (key: string, otherwise: number) => e.scalar(typeOf(output), numberAt(node, key, otherwise));
  e.give(output, e.op('Where', [e.op('Equal', [one, classes]), value('onValue', 1), value('offValue', 0)]));
};

export const shapes: Rules = {
  Reshape: reshape('x'),
  ExpandDims: reshape('input'),
  Transpose: transpose,
  Slice: slice,
  StridedSlice: stridedSlice,
  Concat: concat,
  Tile: tile,
  Reverse: reverse,
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  Fill: fill,
  DepthToSpace: depthToSpace,
  GatherV2: gather,
  OneHot: oneHot,
};
