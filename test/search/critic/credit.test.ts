/** Choices and ranges of a policy, and how they learn. */
import { describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../../src/core/index.js';
import { type Credit, credited, movedPolicy } from '../../../src/search/critic/credit.js';
import { drawChoices } from '../../../src/search/policy/choices.js';
import { oddsAt, type PolicyValues, settingOf, sigmoid } from '../../../src/search/policy/parameters.js';
import { searchSpace } from '../../../src/search/space/search-space.js';

const space = searchSpace({ only: ['rotate', 'brightness', 'invert'], subPolicies: 2, stages: 2 });
const PLACES = 12;
const numbers = (value: number) => new Float32Array(PLACES).fill(value);
const START: PolicyValues = {
  odds: numbers(0),
  probability: numbers(0),
  center: numbers(0),
  width: numbers(0),
};
const NOTHING: Credit = {
  applied: numbers(0),
  none: new Float32Array(4),
  center: numbers(0),
  width: numbers(0),
};
const flat = { center: numbers(0), width: numbers(0) };

describe('drawChoices', () => {
  const values = { ...START, odds: numbers(0).map((_, i) => [2, 0, -1][i % 3] as number) };

  it('draws ops by their odds, and applies them by their probability', () => {
    const [first] = drawChoices(space, { ...values, probability: numbers(-1) }, keyOf(1), 20_000);
    const shares = [0, 1, 2].map((op) => (first?.op.filter((one) => one === op).length as number) / 20_000);
    const odds = oddsAt(values, 0, 3);
    for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(odds[i] as number, 1);
    const applied = (first?.applied.reduce((sum, on) => sum + on, 0) as number) / 20_000;
    expect(Math.abs(applied - sigmoid(-1))).toBeLessThan(0.015);
  });

  it('is a pure function of the key, image by image', () => {
    const [few, many] = [3, 50].map((batch) => drawChoices(space, values, keyOf(5), batch));
    for (const [k, stage] of (few ?? []).entries())
      expect([...stage.place]).toEqual([...(many?.[k]?.place.slice(0, 3) ?? [])]);
    expect(drawChoices(space, values, keyOf(6), 50)).not.toEqual(many);
  });

  it('gives each stage places of one sub-policy', () => {
    for (const { place, op } of drawChoices(space, values, keyOf(2), 100))
      expect([...place].map((at) => at % 3)).toEqual([...op]);
    const [one, two] = drawChoices(space, values, keyOf(2), 100);
    const subPolicy = (at: number) => Math.floor(at / 6);
    expect([...(one?.place ?? [])].map(subPolicy)).toEqual([...(two?.place ?? [])].map(subPolicy));
  });
});

describe('movedPolicy', () => {
  /** A loss for each place when it is applied, and 0 where a stage leaves an image alone. */
  const losses = Array.from({ length: PLACES }, (_, i) => new Draws(fold(keyOf(8), i)).uniform(-1, 1));
  const some: PolicyValues = {
    ...START,
    odds: Float32Array.from({ length: PLACES }, (_, i) => Math.sin(i)),
    probability: Float32Array.from({ length: PLACES }, (_, i) => Math.cos(2 * i)),
  };
  /** E of the loss of an image: sub-policies are equally likely, stages add up. */
  const expected = (values: PolicyValues) => {
    let sum = 0;
    for (let stage = 0; stage < 4; stage++) {
      for (const [i, share] of oddsAt(values, 3 * stage, 3).entries()) {
        const at = 3 * stage + i;
        sum += (share * sigmoid(values.probability[at] as number) * (losses[at] as number)) / 2;
      }
    }
    return sum;
  };
  const slope = (name: 'odds' | 'probability', at: number) => {
    const moved = (by: number) => {
      const numbers = Float64Array.from(some[name]);
      numbers[at] = (numbers[at] as number) + by;
      return expected({ ...some, [name]: numbers });
    };
    return (moved(1e-4) - moved(-1e-4)) / 2e-4;
  };

  it('is the natural gradient of the expected loss: the gradient over how often a place is drawn', () => {
    const credit = { ...NOTHING, applied: Float32Array.from(losses) };
    const rate = 1e-3;
    const moved = movedPolicy(space, some, credit, { rate, memory: 0 });
    for (let at = 0; at < PLACES; at++) {
      const share = oddsAt(some, at - (at % 3), 3)[at % 3] as number;
      const p = sigmoid(some.probability[at] as number);
      const step = (name: 'odds' | 'probability') =>
        ((some[name][at] as number) - (moved[name][at] as number)) / rate;
      expect(step('odds')).toBeCloseTo((2 * slope('odds', at)) / share, 2);
      expect(step('probability')).toBeCloseTo((2 * slope('probability', at)) / (share * p * (1 - p)), 2);
    }
  });

  it('learns the means that it needs from batches of choices', () => {
    let credit: Credit = NOTHING;
    for (let batch = 0; batch < 400; batch++) {
      const choices = drawChoices(space, some, fold(keyOf(3), batch), 64);
      const noise = new Draws(fold(keyOf(4), batch));
      const gain = Float32Array.from({ length: 64 }, (_, i) =>
        choices.reduce(
          (sum, { place, applied }) => sum + (applied[i] as number) * (losses[place[i] as number] as number),
          noise.normal(0, 0.5),
        ),
      );
      credit = credited(space, credit, choices, { gain, ...flat }, { rate: 0.03, memory: 200 });
    }
    // What the other stage adds is the same for all places of a stage.
    for (let stage = 0; stage < 4; stage++) {
      for (let i = 0; i < 3; i++) {
        const at = 3 * stage + i;
        const learned = (credit.applied[at] as number) - (credit.none[stage] as number);
        expect(Math.abs(learned - (losses[at] as number))).toBeLessThan(0.3);
      }
    }
  });

  it('brings back what was pushed to an edge', () => {
    const push = (values: PolicyValues, towards: number, times: number): PolicyValues => {
      const all = (sign: number) => numbers(sign * towards);
      const credit = { ...NOTHING, applied: all(3), center: all(3), width: all(3) };
      // One op alone, for odds are relative.
      credit.applied = credit.applied.map((value, i) => (i % 3 === 0 ? value : 0));
      let now = values;
      for (let i = 0; i < times; i++) now = movedPolicy(space, now, credit, { rate: 0.05, memory: 0 });
      return now;
    };
    const edge = push(START, 1, 1000);
    const odds = (values: PolicyValues) => oddsAt(values, 0, 3)[0] as number;
    expect(odds(edge)).toBeLessThan(0.05);
    expect(odds(edge)).toBeGreaterThan(0.005);
    expect(sigmoid(edge.probability[0] as number)).toBeCloseTo(0.12, 2);
    const back = push(edge, -1, 200);
    expect(odds(back)).toBeGreaterThan(0.5);
    expect(sigmoid(back.probability[0] as number)).toBeGreaterThan(0.8);
    for (const name of ['center', 'width'] as const) {
      expect(edge[name][0]).toBeLessThan(-3.9);
      expect(back[name][0]).toBeGreaterThan(1);
    }
  });

  it('is not moved far by one image, however bad', () => {
    const choices = drawChoices(space, START, keyOf(1), 8);
    const gain = new Float32Array(8).fill(1e6);
    const credit = credited(space, NOTHING, choices, { gain, ...flat }, { rate: 1, memory: 0 });
    expect(Math.max(...credit.applied)).toBeLessThanOrEqual(3);
    const moved = movedPolicy(space, START, credit, { rate: 1, memory: 0 });
    for (const name of ['odds', 'probability'] as const)
      for (const value of moved[name]) expect(Math.abs(value)).toBeLessThanOrEqual(0.0500001);
  });
});

describe('settingOf', () => {
  it('starts with equal odds, one half, and the middle half of the bounds', () => {
    const [first] = settingOf(space, START).subPolicies[0]?.stages ?? [];
    expect(first?.map(({ weight, p }) => [weight, p])).toEqual([1, 2, 3].map(() => [1 / 3, 0.5]));
    const { low, high } = (first as NonNullable<typeof first>)[0] as { low: number; high: number };
    expect([low, high]).toEqual([-22.5, 22.5]);
  });

  it('keeps ranges within their bounds whatever the parameters are', () => {
    for (const center of [-50, -4, 0, 3, 50])
      for (const width of [-50, 0, 4, 50]) {
        const values = { ...START, center: numbers(center), width: numbers(width) };
        for (const stage of settingOf(space, values).subPolicies.flatMap(({ stages }) => stages))
          for (const { op, low, high } of stage) {
            const bounds = space.ops.find(({ name }) => name === op)?.magnitude;
            if (!bounds) continue;
            expect(low).toBeGreaterThanOrEqual(bounds.low - 1e-9);
            expect(high).toBeLessThanOrEqual(bounds.high + 1e-9);
            expect(low).toBeLessThanOrEqual(high as number);
          }
      }
  });

  it('drops what a search does not want', () => {
    const values = { ...START, probability: numbers(-2) };
    expect(settingOf(space, values, 0.14).subPolicies[0]?.stages[0]?.map(({ p }) => p)).toEqual([0, 0, 0]);
  });
});
