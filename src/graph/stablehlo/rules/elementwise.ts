/** Operations on each number, with broadcasting. */
import type { Builder, Direction } from '../builder.js';
import type { Element, Hlo } from '../types.js';
import { erf } from './erf.js';
import { type Call, numberAt, type Rule, type Rules, refuse } from './rule.js';

/** An operation on one tensor. */
const one =
  (write: (h: Builder, x: Hlo, call: Call) => Hlo): Rule =>
  (h, call) =>
    h.convert(write(h, h.convert(call.list[0], numeric(call)), call), call.output.type);

/** An operation on two tensors, both in the shape of its result. */
const two =
  (write: (h: Builder, a: Hlo, b: Hlo) => Hlo): Rule =>
  (h, call) => {
    const type = numeric(call);
    const [a, b] = call.list.map((x) => h.spread(h.convert(x, type), call.output.shape));
    return h.convert(write(h, a, b), call.output.type);
  };

/** The type to compute in: float32 if that is among the inputs or the result, else int32. */
function numeric(call: Call): Element {
  const { output, list } = call;
  if (output.type === 'i1') throw refuse(call, 'results that are true or false');
  return [output, ...list].some(({ type }) => type === 'f32') ? 'f32' : 'i32';
}

const named = (name: string): Rule => one((h, x) => h.same(name, x));
const namedTwo = (name: string): Rule => two((h, a, b) => h.same(name, a, b));

const comparison =
  (direction: Direction): Rule =>
  (h, { list, output }) => {
    const type = list.some((x) => x.type === 'f32')
      ? 'f32'
      : list.some((x) => x.type === 'i32')
        ? 'i32'
        : 'i1';
    const [a, b] = list.map((x) => h.spread(h.convert(x, type), output.shape));
    return h.compare(direction, a, b);
  };

const logical =
  (name: string): Rule =>
  (h, { list, output }) => {
    const [first, ...rest] = list.map((x) => h.spread(h.convert(x, 'i1'), output.shape));
    return h.same(name, first, ...rest);
  };

const unary: Rules = {
  Abs: named('abs'),
  Ceil: named('ceil'),
  Cos: named('cosine'),
  Exp: named('exponential'),
  Expm1: named('exponential_minus_one'),
  Floor: named('floor'),
  Log: named('log'),
  Log1p: named('log_plus_one'),
  Neg: named('negate'),
  Round: named('round_nearest_even'),
  Rsqrt: named('rsqrt'),
  Sigmoid: named('logistic'),
  Sign: one((h, x) => {
    if (x.type !== 'f32') return h.same('sign', x);
    const above = h.convert(h.compare('GT', x, h.like(x, 0)), 'f32');
    return h.same('subtract', above, h.convert(h.compare('LT', x, h.like(x, 0)), 'f32')); // 0 for NaN
  }),
  Sin: named('sine'),
  Sqrt: named('sqrt'),
  Tan: named('tan'),
  Tanh: named('tanh'),
  Erf: one((h, x) => erf(h, x)),
  Reciprocal: one((h, x) => h.same('divide', h.like(x, 1), x)),
  Square: one((h, x) => h.same('multiply', x, x)),
  Atan: one((h, x) => h.same('atan2', x, h.like(x, 1))),
  Sinh: one((h, x) => {
    // Half of eˣ − 1 + (eˣ − 1)/eˣ: near 0 nothing cancels. Large x gives ∞/∞ in the second part, where it is 1.
    const less = h.same('exponential_minus_one', h.same('abs', x));
    const part = h.same('divide', less, h.same('add', less, h.like(x, 1)));
    const tail = h.select(h.compare('EQ', less, h.like(x, Number.POSITIVE_INFINITY)), h.like(x, 1), part);
    const half = h.scaled(h.same('add', less, tail), 0.5);
    return h.same('multiply', half, h.same('sign', x));
  }),
  Cosh: one((h, x) => {
    const up = h.same('exponential', h.same('abs', x));
    return h.scaled(h.same('add', up, h.same('divide', h.like(x, 1), up)), 0.5);
  }),
  IsFinite: (h, { list: [x], output }) => h.op('is_finite', [h.convert(x, 'f32')], '', output),
  IsInf: (h, { list: [x] }) => {
    const size = h.same('abs', h.convert(x, 'f32'));
    return h.compare('EQ', size, h.like(size, Number.POSITIVE_INFINITY));
  },
  IsNan: (h, { list: [x] }) => h.compare('NE', h.convert(x, 'f32'), h.convert(x, 'f32')),
  LogicalNot: logical('not'),
};

const binary: Rules = {
  Add: namedTwo('add'),
  Sub: namedTwo('subtract'),
  Multiply: namedTwo('multiply'),
  RealDiv: namedTwo('divide'),
  Maximum: namedTwo('maximum'),
  Minimum: namedTwo('minimum'),
  Pow: namedTwo('power'),
  Atan2: namedTwo('atan2'),
  SquaredDifference: two((h, a, b) => {
    const difference = h.same('subtract', a, b);
    return h.same('multiply', difference, difference);
  }),
  // Rounds down, where StableHLO's division of integers rounds towards 0.
  FloorDiv: two((h, a, b) => {
    const quotient = h.same('divide', a, b);
    if (a.type === 'f32') return h.same('floor', quotient);
    const rest = h.same('remainder', a, b);
    const inexact = h.compare('NE', rest, h.like(rest, 0));
    const down = h.same('and', inexact, h.same('xor', negative(h, rest), negative(h, b)));
    return h.select(down, h.same('subtract', quotient, h.like(quotient, 1)), quotient);
  }),
  // The sign of the divisor, where StableHLO's remainder has that of the dividend.
  Mod: two((h, a, b) => {
    const rest = h.same('remainder', a, b);
    const other = h.same('xor', negative(h, rest), negative(h, b));
    const shifted = h.same('and', h.compare('NE', rest, h.like(rest, 0)), other);
    return h.select(shifted, h.same('add', rest, b), rest);
  }),
  Equal: comparison('EQ'),
  NotEqual: comparison('NE'),
  Greater: comparison('GT'),
  GreaterEqual: comparison('GE'),
  Less: comparison('LT'),
  LessEqual: comparison('LE'),
  LogicalAnd: logical('and'),
  LogicalOr: logical('or'),
};

const negative = (h: Builder, x: Hlo): Hlo => h.compare('LT', x, h.like(x, 0));

const mixed: Rules = {
  AddN: (h, { list, output }) => {
    const [first, ...rest] = list.map((x) => h.convert(x, output.type));
    return rest.reduce((sum, x) => h.same('add', sum, x), first);
  },
  Cast: (h, { list: [x], output }) => h.convert(x, output.type),
  ClipByValue: one((h, x, call) => {
    const low = h.same('maximum', x, h.like(x, numberAt(call, 'clipValueMin')));
    return h.same('minimum', low, h.like(x, numberAt(call, 'clipValueMax')));
  }),
  // A condition of one axis chooses whole rows of tensors of more.
  Select: (h, { inputs: { condition, t, e }, output }) => {
    const rows = condition.shape.length === 1 && output.shape.length > 1;
    const which = rows ? h.broadcast(condition, output.shape, [0]) : h.spread(condition, output.shape);
    const [yes, no] = [t, e].map((x) => h.spread(h.convert(x, output.type), output.shape));
    return h.select(which, yes, no);
  },
  // alpha where x ≤ 0, and NaN stays.
  Step: one((h, x, call) => {
    const kept = h.select(h.compare('NE', x, x), x, h.like(x, numberAt(call, 'alpha', 0)));
    return h.select(h.compare('GT', x, h.like(x, 0)), h.like(x, 1), kept);
  }),
  ZerosLike: (h, { output }) => h.splat(0, output),
  OnesLike: (h, { output }) => h.splat(1, output),
  Identity: (_, { list: [x] }) => x,
};

export const elementwise: Rules = { ...unary, ...binary, ...mixed };
