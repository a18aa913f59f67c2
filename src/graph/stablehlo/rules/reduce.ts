/** Reductions over axes. */
import type { Builder, Combine } from '../builder.js';
import type { Hlo } from '../types.js';
import { sizeOf } from '../types.js';
import { axesOf, axisOf, type Call, type Rule, type Rules, refuse } from './rule.js';

/** tfjs's Max calls its axes reductionIndices. */
const reduced = ({ attributes: { axis, reductionIndices } }: Call, x: Hlo): number[] =>
  axesOf(axis ?? reductionIndices, x.shape.length);

const reduce =
  (combine: Combine, initial: (x: Hlo) => number): Rule =>
  (h, call) => {
    const x = h.convert(call.list[0], call.output.type);
    return h.reshape(h.reduce(x, combine, initial(x), reduced(call, x)), call.output.shape);
  };

const LEAST_INT = -(2 ** 31);
const LARGEST_INT = 2 ** 31 - 1;
const least = ({ type }: Hlo) => (type === 'f32' ? Number.NEGATIVE_INFINITY : LEAST_INT);
const largest = ({ type }: Hlo) => (type === 'f32' ? Number.POSITIVE_INFINITY : LARGEST_INT);

/**
 * The first place of the best number. NaN counts as the worst, as in TensorFlow, and is made so: engines differ on what a
 * reduction by maximum gives where there is NaN. The backends of tfjs without TensorFlow skip NaN too, except at place 0,
 * which nothing beats there.
 */
const argument =
  (combine: 'maximum' | 'minimum'): Rule =>
  (h, call) => {
    const { attributes, output } = call;
    const [given] = call.list;
    const x = given.type === 'f32' ? given : h.convert(given, 'i32');
    const axis = axisOf(attributes.axis, x.shape.length);
    if (x.shape[axis] === 0) throw refuse(call, 'an axis without numbers');
    const worst = combine === 'maximum' ? least(x) : largest(x);
    const numbers = x.type === 'f32' ? h.select(h.compare('EQ', x, x), x, h.like(x, worst)) : x;
    const best = h.reduce(numbers, combine, worst, [axis]);
    const kept = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
    const isBest = h.compare('EQ', numbers, h.broadcast(best, x.shape, kept));
    const places = h.iota(x.shape, axis, 'i32');
    const first = h.reduce(h.select(isBest, places, h.like(places, LARGEST_INT)), 'minimum', LARGEST_INT, [
      axis,
    ]);
    return h.reshape(first, output.shape);
  };

/** eˣ over its sum; the largest is subtracted first, so that nothing overflows. */
function softmax(h: Builder, x: Hlo, axis: number): Hlo {
  const kept = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const across = (y: Hlo) => h.broadcast(y, x.shape, kept);
  const top = across(h.reduce(x, 'maximum', Number.NEGATIVE_INFINITY, [axis]));
  const powers = h.same('exponential', h.same('subtract', x, top));
  return h.same('divide', powers, across(h.reduce(powers, 'add', 0, [axis])));
}

/** Running sums along an axis in log₂ n additions of the tensor to itself, shifted by 1, 2, 4, …. */
const cumsum: Rule = (h, { list: [given], attributes, output }) => {
  const { exclusive, reverse } = attributes;
  const axis = axisOf(attributes.axis, output.shape.length);
  const side = output.shape[axis];
  const shifted = (x: Hlo, by: number) => {
    const [low, high] = reverse ? [-by, by] : [by, -by];
    const at = (width: number) => x.shape.map((_, i) => (i === axis ? width : 0));
    return h.pad(x, 0, at(low), at(high));
  };
  let sums = h.convert(given, output.type);
  if (exclusive && side > 0) sums = shifted(sums, 1);
  for (let by = 1; by < side; by *= 2) sums = h.same('add', sums, shifted(sums, by));
  return sums;
};

export const reductions: Rules = {
  Sum: reduce('add', () => 0),
  Mean: (h, call) => {
    const x = h.convert(call.list[0], 'f32');
    const sum = h.reduce(x, 'add', 0, reduced(call, x));
    const n = sizeOf(x.shape) / Math.max(1, sizeOf(sum.shape));
    return h.reshape(h.same('divide', sum, h.like(sum, n)), call.output.shape);
  },
  Prod: reduce('multiply', () => 1),
  Max: reduce('maximum', least),
  Min: reduce('minimum', largest),
  All: reduce('and', () => 1),
  Any: reduce('or', () => 0),
  ArgMax: argument('maximum'),
  ArgMin: argument('minimum'),
  Softmax: (h, { list: [x], attributes }) => softmax(h, x, axisOf(attributes.dim ?? -1, x.shape.length)),
  LogSoftmax: (h, { list: [x], attributes }) => {
    const axis = axisOf(attributes.axis ?? -1, x.shape.length);
    const kept = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
    const across = (y: Hlo) => h.broadcast(y, x.shape, kept);
    const centered = h.same('subtract', x, across(h.reduce(x, 'maximum', Number.NEGATIVE_INFINITY, [axis])));
    const total = h.reduce(h.same('exponential', centered), 'add', 0, [axis]);
    return h.same('subtract', centered, across(h.same('log', total)));
  },
  Cumsum: cumsum,
};
