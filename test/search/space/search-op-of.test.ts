/** Search ops out of transforms: how the magnitude reaches them, and what is refused. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  cutout,
  definePlugin,
  defineTransform,
  elastic,
  gamma,
  horizontalFlip,
  invert,
  posterize,
  rotate,
  type SampleOperator,
} from '../../../src/augment/index.js';
import { fold, keyOf, UsageError } from '../../../src/core/index.js';
import { type AnyFactory, type SearchOpOptions, searchOp } from '../../../src/search/space/search-op-of.js';
import { searchSpace } from '../../../src/search/space/search-space.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';

/** Params of draws by different keys. */
const drawn = ({ transform }: SampleOperator, count = 400) =>
  Array.from({ length: count }, (_, i) => transform.draw(fold(keyOf(1), i), 0)).flat();

const counts = (values: readonly unknown[]) => {
  const all: Record<string, number> = {};
  for (const value of values) all[String(value)] = (all[String(value)] ?? 0) + 1;
  return all;
};

test('a range gets the bounds, and always applies', () => {
  const op = searchOp(horizontalFlip);
  expect(op.magnitude).toBeUndefined();
  expect(drawn(op.make(0, 0))).toHaveLength(400);
  const { transform } = searchOp(rotate, {
    option: 'angle',
    low: -30,
    high: 30,
    fixed: { border: 'edge' },
  }).make(-5, 10);
  expect(transform.options).toMatchObject({ angle: [-5, 10], border: 'edge', p: 1 });
});

test('a function of the magnitude sets the option, rising or falling', () => {
  const rising = searchOp(gamma, { option: 'gamma', low: -1, high: 1, value: (m) => 2 ** m });
  expect(rising.make(-1, 0.5).transform.options.gamma).toEqual([0.5, 2 ** 0.5]);
  const falling = searchOp(gamma, { option: 'gamma', low: -1, high: 1, value: (m) => 2 ** -m });
  expect(falling.make(-1, 0).transform.options.gamma).toEqual([1, 2]);
});

test('whole numbers within the bounds are equally likely', () => {
  const op = searchOp(posterize, { option: 'bits', low: 2, high: 8, neutral: 8 });
  expect(op.make(2.6, 5.2).transform.options.bits).toEqual([3, 5]);
  expect(op.make(4.1, 4.4).transform.options.bits).toEqual([4, 4]);
  expect(op.make(4.6, 4.9).transform.options.bits).toEqual([5, 5]);
  const found = counts(drawn(op.make(3, 5)).map(({ params }) => (params as { bits: number }).bits));
  expect(Object.keys(found)).toEqual(['3', '4', '5']);
  const [least, most] = [Math.min(...Object.values(found)), Math.max(...Object.values(found))];
  expect(least).toBeGreaterThan(0.75 * most);
});

test('one value is drawn anew for each image, evenly between the bounds', () => {
  const op = searchOp(cutout, { option: 'size', low: 0, high: 0.5, value: (share) => ({ share }) });
  const sizes = drawn(op.make(0.1, 0.3)).map(
    ({ params }) => (params as { size: { share: number } }).size.share,
  );
  expect(sizes).toHaveLength(400);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0.1);
  expect(Math.max(...sizes)).toBeLessThan(0.3);
  expect(sizes.reduce((sum, v) => sum + v, 0) / 400).toBeCloseTo(0.2, 2);
  expect(op.make(0.1, 0.3).transform.ops.map(({ name }) => name)).toEqual(['cutout']);
});

test('without an option the magnitude is the strength that the transform has', () => {
  const op = searchOp(elastic, { high: 0.8 });
  expect(op.magnitude).toEqual({ low: 0, high: 0.8, neutral: 0, unit: 'strength' });
  expect(drawn(op.make(0.2, 0.6)).every(({ op }) => op === 'elastic')).toBe(true);
  expect(new Set(drawn(op.make(0.2, 0.6)).map(({ params }) => JSON.stringify(params))).size).toBe(400);
});

test("a plugin's transform takes part as any other", () => {
  const darken = defineTransform({
    name: 'darken',
    options: z.strictObject({ amount: z.number().min(0).max(1).default(0.5) }),
    params: z.strictObject({ amount: z.number() }),
    draw: (_, { amount }) => ({ amount }),
    lower: ({ amount }, plan) => plan.lookUp((v) => v * (1 - amount)),
  });
  const plugin = definePlugin({ name: 'night', transforms: [darken] });
  const ops = plugin.transforms.map((transform) =>
    searchOp(transform, { option: 'amount', low: 0, high: 0.7 }),
  );
  const space = searchSpace({ ops: [...STANDARD_OPS, ...ops], only: ['darken'] });
  expect(space.ops.map(({ name, twin }) => [name, twin])).toEqual([['darken', undefined]]);
  const amounts = drawn(space.ops[0]?.make(0.2, 0.4) as SampleOperator).map(
    ({ params }) => (params as { amount: number }).amount,
  );
  expect(amounts.every((v) => v >= 0.2 && v < 0.4)).toBe(true);
});

test('what every standard op makes at its bounds can be drawn and stored', () => {
  for (const { name, magnitude, make } of STANDARD_OPS) {
    const { low, high } = magnitude ?? { low: 0, high: 0 };
    expect([name, drawn(make(low, high), 5).length]).toEqual([name, 5]);
    expect(JSON.parse(JSON.stringify(make(low, high).transform.options))).toEqual(
      make(low, high).transform.options,
    );
  }
});

describe('refuses, in one sentence', () => {
  const cases: readonly (readonly [string, AnyFactory, SearchOpOptions, string | RegExp])[] = [
    [
      'an operator in place of a factory',
      rotate(30) as never,
      {},
      /^searchOp: expected a transform factory but received function .*; give the factory itself, such as rotate, and not what it returns$/,
    ],
    [
      'an unknown option',
      rotate,
      { option: 'angel', low: -1, high: 1 },
      "searchOp rotate: unknown option 'angel' of rotate; did you mean 'angle'?",
    ],
    [
      'no bounds',
      rotate,
      { option: 'angle', low: -1 },
      'searchOp rotate: expected bounds low ≤ high but received [-1,null]; give two numbers, the lower one first',
    ],
    [
      'reversed bounds',
      rotate,
      { option: 'angle', low: 1, high: -1 },
      'searchOp rotate: expected bounds low ≤ high but received [1,-1]; give two numbers, the lower one first',
    ],
    [
      'bounds outside the schema',
      rotate,
      { name: 'tilt', option: 'angle', low: -400, high: 0 },
      /^searchOp tilt: rotate: angle\[0\]: expected .* but received -400$/,
    ],
    [
      'other options that are wrong',
      rotate,
      { option: 'angle', low: -1, high: 1, fixed: { border: 'none' } },
      /^searchOp rotate: rotate: border: expected .* but received 'none'$/,
    ],
    [
      'bounds of a transform without a strength',
      invert,
      { low: 0, high: 1 },
      'searchOp invert: expected no bounds, for invert has no strength of its own; name the option that they are for',
    ],
    [
      'a strength beyond 1',
      elastic,
      { high: 2 },
      'searchOp elastic: expected a strength within 0..1 but received [0,2]; or name the option that the bounds are for',
    ],
  ];

  test.each(cases)('%s', (_, factory, options, sentence) => {
    expect(() => searchOp(factory, options)).toThrow(UsageError);
    expect(() => searchOp(factory, options)).toThrow(sentence);
  });
});
