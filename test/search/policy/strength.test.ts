import { describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../../src/core/index.js';
import { equalOdds } from '../../../src/search/policy/equal-odds.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import { randomPolicy } from '../../../src/search/policy/random-policy.js';
import { strengthOf } from '../../../src/search/policy/strength.js';
import { greatestStrength, withStrength } from '../../../src/search/policy/with-strength.js';
import { appliedOf } from '../../../src/search/report/applied.js';
import { toySpace } from '../strategies/toy-space.js';

const space = toySpace();
const of = (...stages: OpSetting[][]): PolicySetting => ({ subPolicies: [{ weight: 1, stages }] });
const rotate = (p: number, low: number, high: number): OpSetting => ({
  op: 'rotate',
  weight: 1,
  p,
  low,
  high,
});

describe('strengthOf', () => {
  it('is the share of samples times the distance from neutral', () => {
    expect(strengthOf(space, of([rotate(1, 30, 30)]))).toBe(1);
    expect(strengthOf(space, of([rotate(0.5, -15, -15)]))).toBe(0.25);
    expect(strengthOf(space, of([rotate(1, -30, 30)]))).toBe(0.5);
    expect(strengthOf(space, of([rotate(0, -30, 30)]))).toBe(0);
    expect(strengthOf(space, of([{ op: 'flip', weight: 1, p: 0.3 }]))).toBeCloseTo(0.3);
    expect(strengthOf(space, of([{ op: 'brightness', weight: 1, p: 1, low: 1, high: 1 }]))).toBe(0);
    expect(strengthOf(space, of([{ op: 'posterize', weight: 1, p: 1, low: 2, high: 8 }]))).toBe(0.5);
  });

  it('adds stages, and weighs ops and sub-policies by their odds', () => {
    const flip = { op: 'flip', weight: 3, p: 1 };
    expect(strengthOf(space, of([rotate(1, 30, 30)], [flip]))).toBe(2);
    expect(strengthOf(space, of([rotate(1, 0, 0), flip]))).toBe(0.75);
    const two = {
      subPolicies: [
        { weight: 1, stages: [[flip]] },
        { weight: 3, stages: [[rotate(1, 0, 0)]] },
      ],
    };
    expect(strengthOf(space, two)).toBe(0.25);
  });

  it('equals the mean distance of drawn magnitudes', () => {
    const draws = new Draws(keyOf(3));
    for (const [low, high] of [
      [-30, 30],
      [-10, 25],
      [5, 20],
      [-30, -2],
    ] as const) {
      const n = 40_000;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.abs(draws.uniform(low, high)) / 30;
      expect(strengthOf(space, of([rotate(1, low, high)]))).toBeCloseTo(sum / n, 2);
    }
  });

  it('is the strength that the report tells, which rounds as what is applied does', () => {
    for (let i = 0; i < 30; i++) {
      const policy = randomPolicy(toySpace({ subPolicies: 3 }), fold(keyOf(9), i));
      expect(strengthOf(space, policy)).toBeCloseTo(appliedOf(policy, space).strength, 3);
    }
  });

  it('names an op that the space lacks', () => {
    expect(() => strengthOf(space, of([{ op: 'rotat', weight: 1, p: 1 }]))).toThrow(
      "policy: the search space has no op 'rotat'; did you mean 'rotate'?",
    );
  });
});

describe('withStrength', () => {
  const policies = Array.from({ length: 60 }, (_, i) => randomPolicy(space, fold(keyOf(5), i)));

  it('meets the strength that is asked for, within the bounds', () => {
    for (const policy of policies)
      for (const strength of [0.1, 0.6, 1.4]) {
        const made = withStrength(space, policy, strength)!;
        expect(strengthOf(space, made)).toBeCloseTo(strength, 6);
        for (const { op, p, low = 0, high = 0 } of made.subPolicies.flatMap(({ stages }) => stages.flat())) {
          const { magnitude } = space.ops.find(({ name }) => name === op)!;
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(low).toBeGreaterThanOrEqual(magnitude?.low ?? 0);
          expect(high).toBeLessThanOrEqual(magnitude?.high ?? 0);
          expect(low).toBeLessThanOrEqual(high);
        }
      }
  });

  it('does not leave the bounds by rounding, at the most that there can be', () => {
    const magnitude = { low: -0.3, high: 0.3, neutral: 0, unit: 'share of the circle' };
    const hues = { ...space, ops: [{ ...space.ops[0]!, name: 'hue', magnitude }], stages: 1 };
    // −0.2985 + (0.3 + 0.2985) is 0.30000000000000004.
    const policy = of([{ op: 'hue', weight: 1, p: 1, low: -0.2985, high: 0.299 }]);
    const made = withStrength(hues, policy, greatestStrength(hues, policy))!;
    const { low, high } = made.subPolicies[0]!.stages[0]![0]!;
    expect(low).toBeLessThanOrEqual(0.3);
    expect(high).toBeLessThanOrEqual(0.3);
  });

  it('keeps ranges where probabilities are enough, and the odds of ops always', () => {
    const policy = of([rotate(0.2, 10, 20)]);
    expect(withStrength(space, policy, 0.25)).toEqual(
      of([{ ...rotate(1, 10, 20), p: expect.closeTo(0.5, 9) }]),
    );
    const strong = withStrength(space, policy, 0.75)!.subPolicies[0]!.stages[0]![0]!;
    expect(strong).toEqual({ ...rotate(1, 0, 0), low: expect.closeTo(20, 6), high: expect.closeTo(25, 6) });
  });

  it('goes to the side of neutral where the range is', () => {
    const weak = withStrength(space, of([rotate(0.5, -12, -8)]), 0.9)!.subPolicies[0]!.stages[0]![0]!;
    expect(weak.high).toBeLessThan(-20);
  });

  it('says where it cannot', () => {
    expect(withStrength(space, of([rotate(0, 5, 10)]), 0.1)).toBeUndefined();
    expect(withStrength(space, of([rotate(1, 5, 10)]), 1.1)).toBeUndefined();
  });
});

describe('equalOdds', () => {
  const settings = (policy: PolicySetting) => policy.subPolicies.flatMap(({ stages }) => stages.flat());

  it('has each op of the space, scaled about neutral', () => {
    expect(settings(equalOdds(space, { stages: 1, untouched: 0.25, cap: 0.5, magnitudes: 'upTo' }))).toEqual([
      { op: 'rotate', weight: 1, p: 0.75, low: -15, high: 15 },
      { op: 'brightness', weight: 1, p: 0.75, low: 0.7, high: 1.45 },
      { op: 'flip', weight: 1, p: 0.75 },
      { op: 'posterize', weight: 1, p: 0.75, low: 5, high: 8 },
    ]);
  });

  it('leaves just the share of images that is asked for', () => {
    for (const stages of [1, 2, 3]) {
      const policy = equalOdds(space, { stages, untouched: 0.3, cap: 1, magnitudes: 'upTo' });
      const left = policy.subPolicies[0]!.stages.reduce((share, stage) => share * (1 - stage[0]!.p), 1);
      expect(left).toBeCloseTo(0.3, 12);
    }
    const nothing = equalOdds(space, { stages: 2, untouched: 1, cap: 1, magnitudes: 'upTo' });
    expect(strengthOf(space, nothing)).toBe(0);
  });

  it("puts RandAugment's magnitudes on both sides where there are two", () => {
    const made = settings(equalOdds(space, { stages: 1, untouched: 0, cap: 0.5, magnitudes: 'at' }));
    expect(made.map(({ op, weight, low, high }) => [op, weight, low, high])).toEqual([
      ['rotate', 0.5, -15, -15],
      ['rotate', 0.5, 15, 15],
      ['brightness', 0.5, 0.7, 0.7],
      ['brightness', 0.5, 1.45, 1.45],
      ['flip', 1, undefined, undefined],
      ['posterize', 1, 5, 5],
    ]);
  });

  it('stays within bounds that leave neutral out', () => {
    const narrow = toySpace({
      ops: [
        { ...space.ops[0]!, magnitude: { low: 10, high: 20, neutral: 0, unit: 'degrees' } },
        { ...space.ops[1]!, magnitude: { low: 1, high: 1, neutral: 1, unit: 'factor' } },
      ],
    });
    for (const cap of [0, 0.3, 0.75, 1])
      for (const magnitudes of ['upTo', 'at'] as const) {
        const made = settings(equalOdds(narrow, { stages: 1, untouched: 0, cap, magnitudes }));
        expect(made.map(({ op }) => op)).toEqual(['rotate', 'brightness']);
        expect(made[0]!.low).toBeGreaterThanOrEqual(10);
        expect(made[0]!.high).toBe(magnitudes === 'upTo' ? Math.max(10, 20 * cap) : made[0]!.low);
        expect(made[1]).toMatchObject({ low: 1, high: 1 });
      }
  });
});
