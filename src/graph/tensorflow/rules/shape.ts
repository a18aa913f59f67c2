/** What moves numbers and changes none: shapes, parts, gathering, padding; and what fills. */
import type { Node, Numbers, Value } from '../../graph.js';
import { rangeOf } from '../../range.js';
import { tf } from '../../tf.js';
import { int, text, type, typeOf } from '../attributes.js';
import type { Emitter } from '../emitter.js';
import { axesOf, giving, listAt, numberAt, type Rule, type Rules, sizes, T } from './rule.js';

const INDEX = type('int32');

/** A new shape for the same numbers, which tfjs has already worked out. */
const reshape: Rule = giving((e, [x], { inputs, outputs: [output] }) => {
  const [input] = Object.values(inputs);
  const y = reshaped(e, x, sizes(input), sizes(output), typeOf(output));
  return isOne(input) ? e.repeats(y, x) : y;
});

const isOne = (value: Value): boolean => sizes(value).every((size) => size === 1);

export function reshaped(
  e: Emitter,
  x: string,
  from: readonly number[],
  to: readonly number[],
  dtype: Parameters<typeof type>[0] = 'float32',
): string {
  if (from.join() === to.join()) return x;
  return e.op('Reshape', [x, e.integers(to)], { T: type(dtype), Tshape: INDEX });
}

const slice: Rule = giving((e, [x], node) => {
  const { x: input } = node.inputs;
  const whole = { shape: sizes(input), rank: input.shape.length } as tf.Tensor;
  const [begin, size] = tf.slice_util.parseSliceParams(whole, listAt(node, 'begin'), listAt(node, 'size'));
  return e.op('Slice', [x, e.integers(begin), e.integers(size)], { ...T(node), Index: INDEX });
});

const MASKS = {
  begin_mask: 'beginMask',
  end_mask: 'endMask',
  ellipsis_mask: 'ellipsisMask',
  new_axis_mask: 'newAxisMask',
  shrink_axis_mask: 'shrinkAxisMask',
};

const stridedSlice: Rule = giving((e, [x], node) => {
  const masks = Object.entries(MASKS).map(([key, name]) => [key, int(numberAt(node, name, 0))]);
  const lists = ['begin', 'end', 'strides'].map((key) => e.integers(listAt(node, key)));
  return e.op('StridedSlice', [x, ...lists], { ...T(node), Index: INDEX, ...Object.fromEntries(masks) });
});

const padded = (op: string, rest: (e: Emitter, node: Node) => string[], mode?: boolean): Rule =>
  giving((e, [x], node) => {
    const paddings = node.attributes.paddings as readonly (readonly number[])[];
    const list = e.integers(paddings.flat(), [paddings.length, 2]);
    return e.op(op, [x, list, ...rest(e, node)], {
      ...T(node),
      Tpaddings: INDEX,
      ...(mode && { mode: text(String(node.attributes.mode).toUpperCase()) }),
    });
  });

/** Several outputs of one node. */
function giveAll(e: Emitter, { outputs }: Node, name: string): void {
  outputs.forEach((output, i) => {
    e.give(output, i === 0 ? name : `${name}:${i}`);
  });
}

const split: Rule = (node, e) => {
  const { x } = node.inputs;
  const [axis] = axesOf(node.attributes.axis, x);
  const parts = node.outputs.map((output) => sizes(output)[axis]);
  const name = e.op('SplitV', [e.take(x), e.integers(parts), e.scalar('int32', axis)], {
    num_split: int(parts.length),
    ...T(node),
    Tlen: INDEX,
  });
  giveAll(e, node, name);
};

const unpack: Rule = (node, e) => {
  const { value } = node.inputs;
  const [axis] = axesOf(node.attributes.axis ?? 0, value);
  const name = e.op('Unpack', [e.take(value)], {
    num: int(node.outputs.length),
    ...T(node),
    axis: int(axis),
  });
  giveAll(e, node, name);
};

const topK: Rule = (node, e) => {
  const { k, sorted } = node.attributes;
  const count = e.scalar('int32', Number(k ?? 1));
  const name = e.op('TopKV2', [e.take(node.inputs.x), count], {
    ...T(node),
    sorted: { b: sorted === false ? 0 : 1 },
  });
  giveAll(e, node, name);
};

const gather: Rule = (node, e) => {
  const { x, indices } = node.inputs;
  const [axis] = axesOf(node.attributes.axis ?? 0, x);
  const name = e.op('GatherV2', [e.take(x), e.take(indices), e.scalar('int32', axis)], {
    batch_dims: int(numberAt(node, 'batchDims', 0)),
    Tparams: type(typeOf(x)),
    Tindices: type(typeOf(indices)),
    Taxis: INDEX,
  });
  e.give(node.outputs[0], name);
};

const fill: Rule = giving((e, _, node) => {
  const [output] = node.outputs;
  const value = e.scalar(typeOf(output), Number(node.attributes.value));
  return e.op('Fill', [e.integers(sizes(output)), value], { T: type(typeOf(output)), index_type: INDEX });
});

/** Its few numbers, as they are. */
const sequence = (numbers: (node: Node, count: number) => Numbers): Rule =>
  giving((e, _, node) => {
    const [output] = node.outputs;
    const shape = sizes(output);
    return e.constant(typeOf(output), shape, numbers(node, shape[0]));
  });

export const shapes: Rules = {
  Identity: giving((_, [x]) => x),
  Reshape: reshape,
  ExpandDims: reshape,
  Slice: slice,
  StridedSlice: stridedSlice,
  Transpose: giving((e, [x], node) =>
    e.op('Transpose', [x, e.integers(listAt(node, 'perm'))], { ...T(node), Tperm: INDEX }),
  ),
  Concat: giving((e, names, node) => {
    const [first] = Object.values(node.inputs);
    const [axis] = axesOf(node.attributes.axis ?? 0, first);
    return e.op('ConcatV2', [...names, e.scalar('int32', axis)], {
      N: int(names.length),
      Tidx: INDEX,
      ...T(node),
    });
  }),
  Pack: giving((e, names, node) =>
    e.op('Pack', names, { N: int(names.length), ...T(node), axis: int(numberAt(node, 'axis', 0)) }),
  ),
  Unpack: unpack,
  SplitV: split,
  Tile: giving((e, [x], node) => {
    const y = e.op('Tile', [x, e.integers(listAt(node, 'reps'))], { ...T(node), Tmultiples: INDEX });
    return isOne(node.inputs.x) ? e.repeats(y, x) : y;
  }),
  Reverse: giving((e, [x], node) =>
    e.op('ReverseV2', [x, e.integers(axesOf(node.attributes.dims, node.inputs.x))], {
      Tidx: INDEX,
      ...T(node),
    }),
  ),
  PadV2: padded('PadV2', (e, node) => [e.scalar(typeOf(node.inputs.x), numberAt(node, 'constantValue', 0))]),
  MirrorPad: padded('MirrorPad', () => [], true),
  GatherV2: gather,
  GatherNd: giving((e, names, { inputs: { params } }) =>
    e.op('GatherNd', names, { Tparams: type(typeOf(params)), Tindices: INDEX }),
  ),
  ScatterNd: giving((e, [indices, updates], { inputs, outputs: [output] }) =>
    e.op('ScatterNd', [indices, updates, e.integers(sizes(output))], {
      T: type(typeOf(inputs.updates)),
      Tindices: INDEX,
    }),
  ),
  UnsortedSegmentSum: giving((e, [x, ids], node) =>
    e.op('UnsortedSegmentSum', [x, ids, e.scalar('int32', numberAt(node, 'numSegments'))], {
      ...T(node),
      Tindices: INDEX,
      Tnumsegments: INDEX,
    }),
  ),
  OneHot: giving((e, [indices], node) => {
    const dtype = typeOf(node.outputs[0]);
    const { depth, onValue = 1, offValue = 0 } = node.attributes;
    const [on, off] = [onValue, offValue].map((value) => e.scalar(dtype, Number(value)));
    return e.op('OneHot', [indices, e.scalar('int32', Number(depth)), on, off], {
      axis: int(-1),
      T: type(dtype),
      TI: type(typeOf(node.inputs.indices)),
    });
  }),
  TopK: topK,
  Fill: fill,
  Range: sequence(({ attributes }, count) => rangeOf(attributes, count)),
  LinSpace: sequence((node, count) => {
    const [start, stop] = [numberAt(node, 'start'), numberAt(node, 'stop')];
    const by = count > 1 ? (stop - start) / (count - 1) : 0;
    return Float32Array.from({ length: count }, (_, i) => start + i * by);
  }),
  Diag: giving((e, names, node) => e.op('Diag', names, T(node))),
};
