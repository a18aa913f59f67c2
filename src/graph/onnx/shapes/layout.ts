/** Shapes of what rearranges, joins, cuts, repeats or reduces. */
import { broadcast } from './elementwise.js';
import { alike, axisOf, type Given, product, type Shape, type ShapeRules } from './rule.js';

const replaced = (x: Shape, axis: number, side: number): Shape | undefined =>
  axis in x ? x.map((own, i) => (i === axis ? side : own)) : undefined;

function reshape(from: Shape, to: Shape, keepZeros: boolean): Shape | undefined {
  const sides = to.map((side, i) => (side === 0 && !keepZeros ? (from[i] ?? Number.NaN) : side));
  const open = sides.indexOf(-1);
  if (open >= 0) sides[open] = product(from) / product(sides.filter((_, i) => i !== open));
  return product(sides) === product(from) ? sides : undefined;
}

/** Axes of a node as a set; undefined where they are data. */
function axesOf(given: Given, rank: number): ReadonlySet<number> | undefined {
  const axes = given.setting(1, 'axes');
  return axes && new Set(axes.map((axis) => axisOf(axis, rank)));
}

function reduce(given: Given): Shape | undefined {
  const x = given.shape(0);
  if (!x) return undefined;
  const all = !given.has(1, 'axes');
  if (all && given.int('noop_with_empty_axes', 0) === 1) return x;
  const axes = all ? new Set(x.keys()) : axesOf(given, x.length);
  if (!axes) return undefined;
  if (given.int('keepdims', 1) === 1) return x.map((side, i) => (axes.has(i) ? 1 : side));
  return x.filter((_, i) => !axes.has(i));
}

/** How many numbers from start to end by step, of a side. */
function cut(side: number, start: number, end: number, step: number): number {
  const within = (at: number, low: number, high: number) =>
    Math.min(high, Math.max(low, at < 0 ? at + side : at));
  const forth = step > 0;
  // A walk backwards begins at a number that is there, and may end before the first.
  const [from, to] = [within(start, 0, forth ? side : side - 1), within(end, forth ? 0 : -1, side)];
  return Math.max(0, Math.ceil((to - from) / step));
}

function slice(given: Given): Shape | undefined {
  const [x, starts, ends] = [given.shape(0), given.setting(1, 'starts'), given.setting(2, 'ends')];
  const axes = given.has(3, 'axes') ? given.setting(3, 'axes') : starts?.map((_, i) => i);
  const steps = given.has(4, 'steps') ? given.setting(4, 'steps') : starts?.map(() => 1);
  if (!x || !starts || !axes || !steps || ends?.length !== starts.length) return undefined;
  const out = [...x];
  axes.forEach((axis, i) => {
    const at = axisOf(axis, x.length);
    out[at] = cut(x[at], starts[i], ends[i], steps[i]);
  });
  return out;
}

function pad(given: Given): Shape | undefined {
  const [x, pads] = [given.shape(0), given.setting(1, 'pads')];
  if (!x || !pads) return undefined;
  const axes = given.has(3, 'axes') ? given.numbers(3) : [...x.keys()];
  if (pads.length !== 2 * (axes?.length ?? -1)) return undefined;
  const out = [...x];
  axes?.forEach((axis, i) => {
    out[axisOf(axis, x.length)] += pads[i] + pads[i + axes.length];
  });
  return out;
}

/** Sizes that are asked for, as far as they keep the proportions of x where the node wants that. */
function fitted(given: Given, x: Shape, to: Shape | undefined): Shape | undefined {
  if (!to?.length || !given.attribute('keep_aspect_ratio_policy')) return to;
  const policy = given.text('keep_aspect_ratio_policy');
  if (policy === 'stretch') return to;
  const scales = to.map((side, i) => side / x[i]);
  // A policy that is not known gives the larger sizes.
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  return x.map((side) => Math.round(side * scale));
}

function resize(given: Given): Shape | undefined {
  const x = given.shape(0);
  if (!x) return undefined;
  const axes = given.ints('axes')?.map((axis) => axisOf(axis, x.length)) ?? [...x.keys()];
  // Before version 11 there was no region of interest, before 9 no input at all.
  const scales =
    given.count === 1 ? given.attribute('scales')?.floats : given.numbers(given.count === 2 ? 1 : 2);
  const to = fitted(
    given,
    axes.map((axis) => x[axis]),
    given.numbers(3),
  );
  const by = to?.length ? to : scales;
  if (by?.length !== axes.length) return undefined;
  const out = [...x];
  axes.forEach((axis, i) => {
    out[axis] = to?.length ? to[i] : Math.floor(x[axis] * by[i]);
  });
  return out;
}

function concat(given: Given): Shape | undefined {
  const first = given.shape(0);
  if (!first) return undefined;
  const axis = axisOf(given.int('axis', 1), first.length);
  let sum = 0;
  for (let i = 0; i < given.count; i++) sum += given.shape(i)?.[axis] ?? Number.NaN;
  return replaced(first, axis, sum);
}

function split(given: Given, n: number): Shape | undefined {
  const x = given.shape(0);
  if (!x) return undefined;
  const axis = axisOf(given.int('axis', 0), x.length);
  const even = Math.ceil(x[axis] / given.outputs);
  const part = given.has(1, 'split') ? given.setting(1, 'split')?.[n] : Math.min(even, x[axis] - n * even);
  return part === undefined ? undefined : replaced(x, axis, part);
}

function blocks(given: Given, forth: boolean): Shape | undefined {
  const x = given.shape(0);
  const size = given.int('blocksize', 1);
  if (x?.length !== 4) return undefined;
  const by = forth ? size : 1 / size;
  return [x[0], x[1] / by ** 2, x[2] * by, x[3] * by];
}

export const layout: ShapeRules = {
  Reshape(given) {
    const [x, to] = [given.shape(0), given.setting(1, 'shape')];
    if (to?.every((side) => side > 0)) return to; // whatever comes in, as sides that are open are not 1
    return x && to && reshape(x, to, given.int('allowzero', 0) === 1);
  },
  Flatten(given) {
    const x = given.shape(0);
    const axis = x && axisOf(given.int('axis', 1), x.length);
    return x && [product(x.slice(0, axis)), product(x.slice(axis))];
  },
  Transpose(given) {
    const x = given.shape(0);
    const order = given.ints('perm') ?? (x && [...x.keys()].reverse());
    return x && order?.map((axis) => x[axis] ?? Number.NaN);
  },
  Squeeze(given) {
    const x = given.shape(0);
    const axes = x && axesOf(given, x.length); // without axes it depends on what the batch is
    return axes && x?.filter((_, i) => !axes.has(i));
  },
  Unsqueeze(given) {
    const x = given.shape(0);
    const added = given.setting(1, 'axes');
    if (!x || !added || x.length + added.length > 64) return undefined;
    const rank = x.length + added.length;
    const axes = new Set(added.map((axis) => axisOf(axis, rank)));
    const rest = x.values();
    return Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : (rest.next().value ?? Number.NaN)));
  },
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  Expand(given) {
    return broadcast([given.shape(0), given.numbers(1)]);
  },
  Tile(given) {
    const [x, times] = [given.shape(0), given.numbers(1)];
    return times?.length === x?.length ? x?.map((side, i) => side * (times?.[i] ?? Number.NaN)) : undefined;
  },
  Gather(given) {
    const [x, at] = [given.shape(0), given.shape(1)];
    const axis = x && axisOf(given.int('axis', 0), x.length);
    return x && at && [...x.slice(0, axis), ...at, ...x.slice((axis ?? 0) + 1)];
  },
  GatherElements: (given) => given.shape(1),
  DepthToSpace: (given) => blocks(given, true),
  SpaceToDepth: (given) => blocks(given, false),
  Shape(given) {
    const x = given.shape(0);
    return x && [x.slice(given.int('start', 0), given.attribute('end')?.i).length];
  },
  Size: () => [],
  Range(given) {
    const [start, limit, delta] = [0, 1, 2].map((i) => given.numbers(i)?.[0] ?? Number.NaN);
    return [Math.max(0, Math.ceil((limit - start) / delta))];
  },
  Constant(given) {
    const list = given.ints('value_ints') ?? given.attribute('value_floats')?.floats;
    if (list) return [list.length];
    return given.attribute('value_int') || given.attribute('value_float') ? [] : undefined;
  },
  ConstantOfShape: (given) => given.numbers(0),
  ...alike('RandomNormal RandomUniform', (given) => given.ints('shape')),
  OneHot(given) {
    const [x, depth] = [given.shape(0), given.numbers(1)];
    if (!x || depth?.length !== 1) return undefined;
    return x.toSpliced(axisOf(given.int('axis', -1), x.length + 1), 0, depth[0]);
  },
  ...alike('ArgMax ArgMin', (given) => {
    const x = given.shape(0);
    const axis = x && axisOf(given.int('axis', 0), x.length);
    return given.int('keepdims', 1) === 1
      ? x?.map((side, i) => (i === axis ? 1 : side))
      : x?.filter((_, i) => i !== axis);
  }),
  ...alike(
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    reduce,
  ),
};
