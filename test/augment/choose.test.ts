/** Operators over samples, and transforms of transforms: what they draw, how often, and under which keys. */
import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  brightness,
  cutout,
  gaussianNoise,
  horizontalFlip,
  hue,
  oneOf,
  padCrop,
  randomApply,
  type SampleOperator,
  saturation,
  someOf,
  verticalFlip,
  weightedOneOf,
} from '../../src/augment/index.js';
import { fold, keyOf, linear, Sample, UsageError } from '../../src/core/index.js';

const origin = { name: 'made', classes: ['a'], seed: 7 };
const sample = (index: number, progress = 0, epoch = 0) =>
  new Sample({
    id: `made/${index}`,
    index,
    epoch,
    progress,
    label: 0,
    origin,
    image: { kind: 'pixels', data: new Uint8Array(3), width: 1, height: 1, channels: 3 },
  });
const through = (samples: Sample[], ...operators: SampleOperator[]) =>
  lastValueFrom(operators.reduce((stream, operator) => stream.pipe(operator), from(samples)).pipe(toArray()));
const draws = (operator: SampleOperator, n = 2000, progress = 0) =>
  Array.from({ length: n }, (_, i) => operator.transform.draw(fold(keyOf(12), i), progress));
const always = { p: 1 };

describe('operators over samples', () => {
  it('append their draws and move the position on, drawn or not', async () => {
    const out = await through(
      [sample(0), sample(1)],
      horizontalFlip({ p: 0 }),
      brightness(0.4),
      horizontalFlip(always),
    );
    for (const s of out) {
      expect(s.recipe.map(({ op }) => op)).toEqual(['brightness', 'horizontalFlip']);
      expect(s.position).toBe(3);
    }
    expect(out[0]?.recipe[0]).not.toEqual(out[1]?.recipe[0]);
  });

  it('draw by sample, epoch and place, not by order of arrival', async () => {
    const operators = [brightness(0.4), padCrop(4), cutout(8), hue(0.1)];
    const samples = Array.from({ length: 50 }, (_, i) => sample(i));
    const straight = await through(samples, ...operators);
    const backwards = await through([...samples].reverse(), ...operators);
    expect(backwards.reverse().map(({ recipe }) => recipe)).toEqual(straight.map(({ recipe }) => recipe));
    const alone = await through([sample(31)], ...operators);
    expect(alone[0]?.recipe).toEqual(straight[31]?.recipe);
    const later = await through([sample(31, 0, 1)], ...operators);
    expect(later[0]?.recipe).not.toEqual(alone[0]?.recipe);
    const twice = await through([sample(31)], brightness(0.4), brightness(0.4));
    expect(twice[0]?.recipe[0]).not.toEqual(twice[0]?.recipe[1]);
  });

  it('may be shared between streams, and leave their samples alone', async () => {
    const [operator, s] = [brightness(0.4), sample(3)];
    const [a, b] = [await through([s], operator), await through([s], operator)];
    expect(a[0]?.recipe).toEqual(b[0]?.recipe);
    expect(s.recipe).toEqual([]);
  });

  it('read schedules at the progress of the sample', async () => {
    const growing = brightness({ factor: [linear(1, 2), linear(1, 2)] });
    const out = await through([sample(0, 0), sample(0, 0.5), sample(0, 1)], growing);
    expect(out.map(({ recipe }) => recipe[0]?.params.factor)).toEqual([1, 1.5, 2]);
    const short = await through([sample(0, 0), sample(0, 1)], cutout(linear(0, 16)), padCrop(linear(0, 4)));
    expect(short.map(({ recipe }) => recipe[0]?.params.size)).toEqual([0, 16]);
    expect(short[0]?.recipe[1]?.params).toMatchObject({ x: 0, y: 0 });
    const amounts = [brightness(linear(0, 0.5)), hue(linear(0, 0.5)), gaussianNoise(linear(0, 0.5))];
    for (const operator of amounts) {
      expect(
        new Set(draws(operator, 20, 0).map(([d]) => d?.params.factor ?? d?.params.shift ?? d?.params.sigma))
          .size,
      ).toBe(1);
    }
  });
});

describe('oneOf', () => {
  it('oneOf chooses each equally often, with its own key', () => {
    const all = draws(oneOf(horizontalFlip(always), verticalFlip(always), brightness(0.4)), 3000);
    expect(all.every(({ length }) => length === 1)).toBe(true);
    for (const op of ['horizontalFlip', 'verticalFlip', 'brightness']) {
      expect(Math.abs(all.filter(([d]) => d?.op === op).length - 1000)).toBeLessThan(130);
    }
    const factors = all.flatMap(([d]) => (d?.op === 'brightness' ? [d.params.factor as number] : []));
    const mean = factors.reduce((a, b) => a + b, 0) / factors.length;
    // The choice must not leak into what is chosen: uniform in 0.6..1.4 still.
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
    expect(Math.min(...factors)).toBeLessThan(0.61);
    expect(Math.max(...factors)).toBeGreaterThan(1.39);
  });

  it('the chosen transform still applies its own p', () => {
    expect(draws(oneOf(horizontalFlip({ p: 0 }))).flat()).toEqual([]);
  });
});

describe('weightedOneOf', () => {
  const named = (all: readonly (readonly { op: string }[])[], op: string) =>
    all.filter(([draw]) => draw?.op === op).length;

  it('chooses by odds, which need not sum to 1, with its own key', () => {
    const all = draws(
      weightedOneOf(
        [6, horizontalFlip(always)],
        [0, verticalFlip(always)],
        [3, brightness(0.4)],
        [1, hue(0.1)],
      ),
      6000,
    );
    expect(all.every(({ length }) => length === 1)).toBe(true);
    expect(named(all, 'verticalFlip')).toBe(0);
    for (const [op, share] of [
      ['horizontalFlip', 0.6] as const,
      ['brightness', 0.3] as const,
      ['hue', 0.1] as const,
    ])
      expect(Math.abs(named(all, op) / 6000 - share)).toBeLessThan(
        5 * Math.sqrt((share * (1 - share)) / 6000),
      );
    const factors = all.flatMap(([d]) => (d?.op === 'brightness' ? [d.params.factor as number] : []));
    // The choice must not leak into what is chosen: uniform in 0.6..1.4 still.
    const mean = factors.reduce((a, b) => a + b, 0) / factors.length;
    expect(Math.abs(mean - 1)).toBeLessThan((5 * 0.8) / Math.sqrt(12 * factors.length));
    expect(Math.min(...factors)).toBeLessThan(0.61);
    expect(Math.max(...factors)).toBeGreaterThan(1.39);
  });

  it('with equal odds draws what oneOf draws, whatever they are', () => {
    const three = [horizontalFlip(always), brightness(0.4), hue(0.1)];
    expect(draws(weightedOneOf(...three.map((one) => [0.25, one] as const)))).toEqual(draws(oneOf(...three)));
  });

  it('the chosen transform still applies its own p, and odds of 0 are never chosen', () => {
    expect(draws(weightedOneOf([1, horizontalFlip({ p: 0 })])).flat()).toEqual([]);
    const last = draws(weightedOneOf([0, hue(0.1)], [1e-9, horizontalFlip(always)], [0, hue(0.1)]), 50);
    expect(named(last, 'horizontalFlip')).toBe(50);
  });

  it('reads schedules of what it chooses at the progress', () => {
    const growing = weightedOneOf([2, cutout(linear(0, 16))]);
    expect(draws(growing, 1, 0.5)[0]?.[0]?.params.size).toBe(8);
  });
});

describe('someOf', () => {
  it('chooses that many different ones, in every order', () => {
    const four = [horizontalFlip(always), verticalFlip(always), brightness(0.4), hue(0.1)];
    const orders = new Map<string, number>();
    for (const chosen of draws(someOf(2, ...four), 6000)) {
      expect(new Set(chosen.map(({ op }) => op)).size).toBe(2);
      const order = chosen.map(({ op }) => op).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(12);
    for (const count of orders.values()) expect(Math.abs(count - 500)).toBeLessThan(110);
    expect(draws(someOf(0, ...four)).flat()).toEqual([]);
    expect(draws(someOf(4, ...four), 5).every(({ length }) => length === 4)).toBe(true);
  });
});

describe('randomApply', () => {
  it('randomApply applies all of its transforms or none, with probability p', () => {
    const all = draws(randomApply(0.3, horizontalFlip(always), hue(0.1)), 4000);
    expect(new Set(all.map(({ length }) => length))).toEqual(new Set([0, 2]));
    expect(Math.abs(all.filter(({ length }) => length === 2).length - 1200)).toBeLessThan(145);
    expect(draws(randomApply(0, horizontalFlip(always))).flat()).toEqual([]);
    expect(draws(randomApply(1, horizontalFlip(always)), 100).flat().length).toBe(100);
    expect(draws(randomApply(linear(0, 1), horizontalFlip(always)), 100, 1).flat().length).toBe(100);
    expect(draws(randomApply(linear(0, 1), horizontalFlip(always)), 100, 0).flat()).toEqual([]);
    // As JSON gives it, without the defaults of start and end.
    const bare = { schedule: 'linear', from: 0, to: 1 } as ReturnType<typeof linear>;
    expect(draws(randomApply(bare, horizontalFlip(always)), 100, 1).flat().length).toBe(100);
  });

  it('two transforms of one kind have independent draws', () => {
    for (const [a, b] of draws(randomApply(1, saturation(0.5), saturation(0.5)), 20))
      expect(a).not.toEqual(b);
  });
});

describe('refusals', () => {
  it.each<[() => unknown, string]>([
    [() => oneOf(), 'oneOf: expected at least one transform but received none'],
    [() => someOf(1), 'someOf: expected at least one transform but received none'],
    [() => someOf(3, horizontalFlip()), 'someOf: expected a whole number in 0..1 but received 3'],
    [
      () => someOf('a' as never, horizontalFlip()),
      "someOf: expected a whole number in 0..1 but received 'a'",
    ],
    [
      () => randomApply(2, horizontalFlip()),
      'randomApply: expected a number in 0..1 or a schedule but received 2',
    ],
    [() => randomApply(0.5), 'randomApply: expected at least one transform but received none'],
    [() => weightedOneOf(), 'weightedOneOf: expected at least one transform but received none'],
    [
      () => weightedOneOf([1, horizontalFlip()], horizontalFlip() as never),
      'weightedOneOf: expected [odds, transform] at place 1 but received function',
    ],
    [() => weightedOneOf([1, 3 as never]), 'weightedOneOf: expected a transform at place 0 but received 3'],
    [
      () => weightedOneOf([-1, horizontalFlip()]),
      'weightedOneOf: expected odds in 0..1e9 at place 0 but received -1; odds need not sum to 1',
    ],
    [() => weightedOneOf([Number.NaN, horizontalFlip()]), 'odds in 0..1e9 at place 0 but received NaN'],
    [() => weightedOneOf(['1' as never, horizontalFlip()]), "odds in 0..1e9 at place 0 but received '1'"],
    [() => weightedOneOf([2e9, horizontalFlip()]), 'odds in 0..1e9 at place 0 but received 2000000000'],
    [
      () => weightedOneOf([0, horizontalFlip()], [0, hue(0.1)]),
      'weightedOneOf: expected odds above 0 but all are 0; raise one of them',
    ],
    [() => oneOf(horizontalFlip(), 3 as never), 'oneOf: expected a transform at place 1 but received'],
    [() => oneOf(horizontalFlip as never), 'oneOf: expected a transform at place 0'],
  ])('%#', (make, said) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(said);
  });
});

it('what they hold can be stored', () => {
  const operator = weightedOneOf([
    3,
    oneOf(randomApply(linear(0, 1), horizontalFlip(always)), someOf(1, brightness(0.4))),
  ]);
  expect(operator.transform.options).toMatchObject({ weights: [3], of: [{ op: 'oneOf' }] });
  const json = JSON.parse(JSON.stringify(operator.transform.options));
  expect(json).toEqual(operator.transform.options);
  expect(operator.transform.ops.map(({ name }) => name).sort()).toEqual(['brightness', 'horizontalFlip']);
});
