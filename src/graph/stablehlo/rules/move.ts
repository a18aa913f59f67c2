/** Operations that move numbers without changing them. */
import { rangeOf } from '../../range.js';
import { axesOf, axisOf, numberAt, numbersAt, type Rule, type Rules, refuse } from './rule.js';

const reshape: Rule = (h, { list: [x], output }) => h.reshape(x, output.shape);

const slice: Rule = (h, call) => {
  const [x] = call.list;
  const given = numbersAt(call, 'begin'); // a number for the first axis alone is kept as it was called
  const begin = x.shape.map((_, axis) => given[axis] ?? 0);
  return h.slice(
    x,
    begin,
    begin.map((at, axis) => at + call.output.shape[axis]),
  );
};

const pack: Rule = (h, { list, attributes, output }) => {
  const axis = axisOf(attributes.axis, output.shape.length);
  const shape = output.shape.map((side, i) => (i === axis ? 1 : side));
  return h.concat(
    list.map((x) => h.reshape(x, shape)),
    axis,
  );
};

/** Cuts an axis into pieces of the sizes of the outputs, or of 1 each. */
const pieces: Rule = (h, { list: [x], attributes, outputs }) => {
  const axis = axisOf(attributes.axis, x.shape.length);
  let at = 0;
  return outputs.map(({ shape }) => {
    const from = at;
    at += shape.length === x.shape.length ? shape[axis] : 1;
    const begin = x.shape.map((_, i) => (i === axis ? from : 0));
    const end = x.shape.map((side, i) => (i === axis ? at : side));
    return h.reshape(h.slice(x, begin, end), shape);
  });
};

/** Each axis becomes [times, side], where the first repeats, and both become one. */
const tile: Rule = (h, call) => {
  const [x] = call.list;
  const reps = numbersAt(call, 'reps');
  const pairs = x.shape.flatMap((side, axis) => [reps[axis], side]);
  const repeated = h.broadcast(
    x,
    pairs,
    x.shape.map((_, axis) => 2 * axis + 1),
  );
  return h.reshape(repeated, call.output.shape);
};

const pad: Rule = (h, call) => {
  const widths = call.attributes.paddings as unknown as [number, number][];
  return h.pad(
    call.list[0],
    numberAt(call, 'constantValue', 0),
    widths.map(([low]) => low),
    widths.map(([, high]) => high),
  );
};

/** Repeats the border backwards; 'reflect' does not repeat the outermost number. */
const mirrorPad: Rule = (h, call) => {
  const widths = call.attributes.paddings as unknown as [number, number][];
  const skip = call.attributes.mode === 'reflect' ? 1 : 0;
  return widths.reduce((x, [low, high], axis) => {
    const side = x.shape[axis];
    const backwards = (from: number, to: number) => {
      const begin = x.shape.map((_, i) => (i === axis ? from : 0));
      const end = x.shape.map((own, i) => (i === axis ? to : own));
      return h.reverse(h.slice(x, begin, end), [axis]);
    };
    const before = low > 0 ? [backwards(skip, skip + low)] : [];
    const after = high > 0 ? [backwards(side - skip - high, side - skip)] : [];
    return h.concat([...before, x, ...after], axis);
  }, call.list[0]);
};

const stridedSlice: Rule = (h, call) => {
  const [x] = call.list;
  for (const mask of ['ellipsisMask', 'newAxisMask']) {
    if (call.attributes[mask]) throw refuse(call, `${mask} ${call.attributes[mask]}`);
  }
  const [begins, ends, steps] = ['begin', 'end', 'strides'].map((key) => numbersAt(call, key));
  const bit = (mask: string, axis: number) => (Number(call.attributes[mask] ?? 0) >> axis) & 1;
  const ranges = x.shape.map((side, axis): [number, number, number] => {
    if (axis >= begins.length) return [0, side, 1];
    const step = steps[axis] ?? 1;
    const counted = (at: number) => (at < 0 ? at + side : at);
    if (bit('shrinkAxisMask', axis)) return [counted(begins[axis]), counted(begins[axis]) + 1, 1];
    if (step < 0) throw refuse(call, `a stride of ${step}`);
    const within = (at: number) => Math.min(Math.max(counted(at), 0), side);
    const from = bit('beginMask', axis) ? 0 : within(begins[axis]);
    return [from, Math.max(from, bit('endMask', axis) ? side : within(ends[axis])), step];
  });
  const [from, to, by] = [0, 1, 2].map((part) => ranges.map((range) => range[part]));
  return h.reshape(h.slice(x, from, to, by), call.output.shape);
};

/** Channels into blocks of pixels: first the row, then the column, then the channel. */
const depthToSpace: Rule = (h, call) => {
  if (call.attributes.dataFormat !== 'NHWC') throw refuse(call, `dataFormat ${call.attributes.dataFormat}`);
  const [batch, height, width] = call.list[0].shape;
  const block = numberAt(call, 'blockSize');
  const channels = call.output.shape[3];
  const apart = h.reshape(call.list[0], [batch, height, width, block, block, channels]);
  return h.reshape(h.transpose(apart, [0, 1, 3, 2, 4, 5]), call.output.shape);
};

export const moves: Rules = {
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: (h, call) => h.transpose(call.list[0], numbersAt(call, 'perm')),
  Slice: slice,
  StridedSlice: stridedSlice,
  Concat: (h, { list, attributes, output }) => {
    const filled = list.filter(({ shape }) => !shape.includes(0));
    if (filled.length === 0) return h.splat(0, output);
    return h.concat(
      filled.map((x) => h.convert(x, output.type)),
      axisOf(attributes.axis, output.shape.length),
    );
  },
  Pack: pack,
  Unpack: pieces,
  SplitV: pieces,
  Tile: tile,
  PadV2: pad,
  MirrorPad: mirrorPad,
  DepthToSpace: depthToSpace,
  Reverse: (h, { list: [x], attributes }) => h.reverse(x, axesOf(attributes.dims, x.shape.length)),
  Fill: (h, call) => h.splat(numberAt(call, 'value'), call.output),
  Range: (h, { attributes, output }) => h.constant(rangeOf(attributes, output.shape[0]), output),
};
