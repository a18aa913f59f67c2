/** Whole magnitudes have one law: what a search draws, what is applied, what is counted. */
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTransform, posterize } from '../../../src/augment/index.js';
import { fold, keyOf, UsageError } from '../../../src/core/index.js';
import { tf } from '../../../src/graph/tf.js';
import { magnitudesOf } from '../../../src/search/policy/apply.js';
import { CENTER, settingOf, WIDTH } from '../../../src/search/policy/parameters.js';
import { strengthOf } from '../../../src/search/policy/strength.js';
import { appliedOf } from '../../../src/search/report/applied.js';
import { searchOp } from '../../../src/search/space/search-op-of.js';
import { searchSpace } from '../../../src/search/space/search-space.js';
import { momentsOf, wholeRange } from '../../../src/search/space/whole.js';
import { useBackend } from '../../train/golden.js';

beforeAll(() => useBackend('wasm'));

const space = searchSpace({ only: ['posterize'], subPolicies: 1, stages: 1 });
const [op] = space.ops;
if (!op?.magnitude) throw new Error('posterize has a magnitude');

const shares = (values: readonly number[]) => {
  const found: Record<string, number> = {};
  for (const value of values) found[value] = (found[value] ?? 0) + 1 / values.length;
  return found;
};

const logit = (x: number) => Math.log(x / (1 - x));
/** Parameters of a range: its center and half its width, as shares of the bounds. */
const params = (center: number, half: number) => ({
  odds: [0],
  probability: [0],
  center: [logit(center)],
  width: [logit(half / Math.min(center, 1 - center))],
});

describe.each([
  ['where searches start', 0.5, 0.25, '4 5 6'],
  ['one that reaches its bounds', 0.5, 0.499, '2 3 4 5 6 7 8'],
  ['a narrow one', 0.35, 0.02, '4'],
  ['an odd one', 0.4, 0.3, '3 4 5 6'],
])('of a range, %s,', (_, center, half, expected) => {
  const values = params(center, half);
  const [setting] = settingOf(space, values).subPolicies[0]?.stages[0] ?? [];
  const { low, high } = setting as { low: number; high: number };

  it('a search draws each whole number as often as the transform does', () => {
    const count = 8400;
    const position = Float32Array.from({ length: count }, (_, i) => (2 * (i + 0.5)) / count - 1);
    const drawn = tf.tidy(() => {
      const tensors = { [CENTER]: tf.tensor1d(values.center), [WIDTH]: tf.tensor1d(values.width) };
      return magnitudesOf(op, tensors, new Int32Array(count), position).dataSync();
    });
    const searched = shares([...drawn].map(Math.round));
    const { transform } = op.make(low, high);
    const keys = Array.from({ length: count }, (_, i) => fold(keyOf(1), i));
    const used = shares(keys.map((key) => (transform.draw(key, 0)[0]!.params as { bits: number }).bits));
    expect(Object.keys(searched).join(' ')).toBe(expected);
    expect(Object.keys(used).join(' ')).toBe(expected);
    const each = 1 / expected.split(' ').length;
    for (const share of Object.values(searched)) expect(share).toBeCloseTo(each, 3);
    for (const share of Object.values(used)) expect(Math.abs(share - each)).toBeLessThan(0.02);
  });

  it('the gradient is that of the magnitude', () => {
    const tensors = { [CENTER]: tf.tensor1d(values.center), [WIDTH]: tf.tensor1d(values.width) };
    const position = Float32Array.from([-0.9, 0.1, 0.7]);
    const by = (searched: typeof op) =>
      tf
        .grad((c) =>
          tf.sum(magnitudesOf(searched, { ...tensors, [CENTER]: c }, new Int32Array(3), position)),
        )(tensors[CENTER] as tf.Tensor)
        .dataSync()[0] as number;
    const { whole: _whole, ...smooth } = op.magnitude as NonNullable<typeof op.magnitude>;
    expect(by(op)).toBeCloseTo(by({ ...op, magnitude: smooth }), 5);
    tf.dispose(Object.values(tensors));
  });

  it('the report counts what is applied', () => {
    const numbers = expected.split(' ').map(Number);
    const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    const variance = numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / numbers.length;
    const policy = {
      subPolicies: [{ weight: 1, stages: [[{ op: 'posterize', weight: 1, p: 1, low, high }]] }],
    };
    const [applied] = appliedOf(policy, space).ops;
    expect(applied?.magnitude?.mean).toBeCloseTo(mean, 9);
    expect(applied?.magnitude?.sd).toBeCloseTo(Math.sqrt(variance), 9);
    expect(applied?.magnitude).toMatchObject({ low: numbers[0], high: numbers.at(-1) });
    expect(strengthOf(space, policy)).toBeCloseTo((8 - mean) / 6, 9);
  });
});

it('the distance from a neutral inside the range is that of whole numbers', () => {
  expect(momentsOf({ whole: true, neutral: 4 }, 3, 6).distance).toBe(1);
  expect(momentsOf({ neutral: 4 }, 3, 6).distance).toBeCloseTo(5 / 6, 9);
});

it('a range between two whole numbers is the nearest one', () => {
  expect([wholeRange(4.1, 4.4), wholeRange(4.6, 4.9), wholeRange(4.5, 4.5)]).toEqual([
    [4, 4],
    [5, 5],
    [5, 5],
  ]);
});

it('bounds are whole numbers, also those that a user gives', () => {
  expect(op.magnitude).toMatchObject({ low: 2, high: 8, whole: true });
  expect(searchOp(posterize, { option: 'bits', low: 2.5, high: 7.5 }).magnitude).toMatchObject({
    low: 3,
    high: 7,
  });
  const own = searchSpace({ only: ['posterize'], bounds: { posterize: [3.2, 6.9] } });
  expect(own.ops[0]?.magnitude).toMatchObject({ low: 4, high: 6 });
  expect(() => searchSpace({ only: ['posterize'], bounds: { posterize: [3.2, 3.9] } })).toThrow(
    'searchSpace: bounds of posterize: expected bounds with a whole number between them but received [3.2,3.9]; widen them',
  );
});

const coarse = defineTransform({
  name: 'coarse',
  options: z.strictObject({ cells: z.int().min(1).max(16).default(4) }),
  params: z.strictObject({ cells: z.int() }),
  draw: (_, { cells }) => ({ cells }),
  lower: () => {},
});

it('an option that is one whole number is drawn anew as one', () => {
  const searched = searchOp(coarse, { option: 'cells', low: 2, high: 5 });
  expect(searched.magnitude).toMatchObject({ low: 2, high: 5, whole: true });
  const { transform } = searched.make(2, 5);
  const keys = Array.from({ length: 4000 }, (_, i) => fold(keyOf(2), i));
  const found = shares(keys.map((key) => (transform.draw(key, 0)[0]!.params as { cells: number }).cells));
  expect(Object.keys(found)).toEqual(['2', '3', '4', '5']);
  for (const share of Object.values(found)) expect(Math.abs(share - 0.25)).toBeLessThan(0.03);
});

it('a twin is refused beside a value of whole numbers, as it would be of another law', () => {
  const twin = op.twin as NonNullable<typeof op.twin>;
  expect(() => searchOp(posterize, { option: 'bits', low: 0, high: 3, value: (m) => 8 - m, twin })).toThrow(
    UsageError,
  );
});
