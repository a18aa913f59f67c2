/** What a policy does to images: exact figures against 20,000 simulated draws, and cases that can be done by hand. */
import { describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../../src/core/index.js';
import { operatorOf } from '../../../src/search/policy/operator.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import { appliedOf } from '../../../src/search/report/applied.js';
import { policy, space } from './made.js';

const one = (...stages: OpSetting[][]): PolicySetting => ({ subPolicies: [{ weight: 1, stages }] });
const opOf = (setting: PolicySetting, name: string) =>
  appliedOf(setting, space).ops.find(({ op }) => op === name)!;

/** The ops and magnitudes that images are given, drawn as a policy draws them. */
function simulated({ subPolicies }: PolicySetting, images: number): { op: string; magnitude: number }[][] {
  const draws = new Draws(keyOf(5));
  const weights = (all: readonly { weight: number }[]) => all.map(({ weight }) => weight);
  return Array.from({ length: images }, () =>
    draws.choice(subPolicies, weights(subPolicies)).stages.flatMap((stage) => {
      const { op, p, low = 0, high = 0 } = draws.choice(stage, weights(stage));
      return draws.chance(p) ? [{ op, magnitude: draws.uniform(low, high) }] : [];
    }),
  );
}

describe('appliedOf', () => {
  const images = 20_000;
  const drawn = simulated(policy, images);
  const applied = appliedOf(policy, space);
  /** Mean of values, and four standard errors of it. */
  const estimate = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, sd: Math.sqrt(variance), error: 4 * Math.sqrt(variance / values.length) };
  };
  const expectWithin = (exact: number, values: readonly number[]) => {
    const { mean, error } = estimate(values);
    expect(Math.abs(exact - mean)).toBeLessThanOrEqual(error);
    expect(error).toBeGreaterThan(0);
  };

  it.each(['rotate', 'contrast', 'hflip'])('%s has the share and moments of 20,000 draws', (name) => {
    const own = applied.ops.find(({ op }) => op === name)!;
    expectWithin(
      own.share,
      drawn.map((ops) => Number(ops.some(({ op }) => op === name))),
    );
    if (!own.magnitude) return;
    const magnitudes = drawn.flatMap((ops) =>
      ops.flatMap(({ op, magnitude }) => (op === name ? [magnitude] : [])),
    );
    expectWithin(own.magnitude.mean, magnitudes);
    // The square of the deviation as a mean over the same draws.
    expectWithin(
      own.magnitude.sd ** 2,
      magnitudes.map((magnitude) => (magnitude - own.magnitude!.mean) ** 2),
    );
    expect(Math.min(...magnitudes)).toBeGreaterThanOrEqual(own.magnitude.low);
    expect(Math.max(...magnitudes)).toBeLessThanOrEqual(own.magnitude.high);
    const { low, high, neutral } = own.bounds!;
    const whole = Math.max(Math.abs(low - neutral), Math.abs(high - neutral));
    const { mean: share } = estimate(drawn.map((ops) => Number(ops.some(({ op }) => op === name))));
    const { mean, error } = estimate(magnitudes.map((magnitude) => Math.abs(magnitude - neutral) / whole));
    expect(Math.abs(own.strength - share * mean)).toBeLessThan(error + 0.01);
  });

  it('counts the ops of an image, and weights them by their distance from neutral', () => {
    expectWithin(
      applied.count,
      drawn.map((ops) => ops.length),
    );
    const weight = ({ op, magnitude }: { op: string; magnitude: number }) =>
      op === 'rotate' ? Math.abs(magnitude) / 30 : op === 'contrast' ? Math.abs(magnitude - 1) / 0.9 : 1;
    expectWithin(
      applied.strength,
      drawn.map((ops) => ops.reduce((sum, op) => sum + weight(op), 0)),
    );
  });

  it('lists every op of the space, the commonest first, those that are never applied with share 0', () => {
    expect(applied.ops.map(({ op }) => op)).toEqual(['contrast', 'rotate', 'hflip', 'equalize']);
    expect(applied.ops[3]).toEqual({ op: 'equalize', share: 0, strength: 0 });
  });

  it('counts an op that stands in two stages once a sample', () => {
    const stage = [{ op: 'hflip', weight: 1, p: 0.5 }];
    expect(opOf(one(stage, stage), 'hflip')).toEqual({ op: 'hflip', share: 0.75, strength: 0.75 });
  });

  it('measures distance from a neutral magnitude within, beside and outside what is drawn', () => {
    const rotate = (low: number, high: number) =>
      opOf(one([{ op: 'rotate', weight: 1, p: 1, low, high }]), 'rotate').strength;
    expect(rotate(-30, 30)).toBeCloseTo(0.5, 12);
    expect(rotate(0, 30)).toBeCloseTo(0.5, 12);
    expect(rotate(15, 30)).toBeCloseTo(0.75, 12);
    expect(rotate(-30, -30)).toBeCloseTo(1, 12);
    expect(rotate(0, 0)).toBe(0);
    const still = { low: 0, high: 0, neutral: 0, unit: 'degrees' };
    const fixed = { ...space, ops: [{ ...space.ops[0], magnitude: still }] };
    const setting = one([{ op: 'rotate', weight: 1, p: 1, low: 0, high: 0 }]);
    expect(appliedOf(setting, fixed)).toMatchObject({ strength: 0, ops: [{ share: 1, strength: 0 }] });
    const contrast = { op: 'contrast', weight: 1, p: 1, low: 0.1, high: 0.1 };
    expect(opOf(one([contrast]), 'contrast').strength).toBeCloseTo(1, 12);
  });

  it('gives the effective ops: all of a uniform stage, 1 of a decided one, the mean of both', () => {
    const uniform = ['rotate', 'contrast', 'hflip', 'equalize'].map((op) => ({
      ...{ op, weight: 0.25, p: 0.5 },
      ...(op === 'rotate' || op === 'contrast' ? { low: 0.5, high: 0.5 } : {}),
    }));
    const decided = [
      { op: 'hflip', weight: 2, p: 0.5 },
      { op: 'equalize', weight: 0, p: 1 },
    ];
    expect(appliedOf(one(uniform), space).effectiveOps).toBeCloseTo(4, 12);
    expect(appliedOf(one(decided), space).effectiveOps).toBeCloseTo(1, 12);
    expect(appliedOf(one(uniform, decided), space).effectiveOps).toBeCloseTo(2.5, 12);
    const twice = [
      { op: 'hflip', weight: 1, p: 1 },
      { op: 'hflip', weight: 1, p: 0 },
    ];
    expect(appliedOf(one(twice), space).effectiveOps).toBeCloseTo(1, 12);
  });

  it('has the shares and moments of what operatorOf draws, ops next to unused included', () => {
    const [first, second] = policy.subPolicies;
    const rare = { op: 'equalize', weight: 0.0005, p: 1 };
    const unlikely = { op: 'equalize', weight: 1, p: 0.0009 };
    const setting = {
      subPolicies: [
        {
          ...first,
          stages: [...first.stages, [{ op: 'hflip', weight: 1, p: 0.12345678 }, rare], [unlikely]],
        },
        { ...second },
        { weight: 0.001, stages: [[{ op: 'equalize', weight: 1, p: 1 }]] },
      ],
    };
    const { transform } = operatorOf(space, setting);
    const recipes = Array.from({ length: images }, (_, i) => transform.draw(fold(keyOf(6), i), 0));
    const exact = appliedOf(setting, space);
    for (const [name, drawnAs] of [
      ['rotate', 'rotate'],
      ['contrast', 'contrast'],
      ['hflip', 'horizontalFlip'],
    ])
      expectWithin(
        exact.ops.find(({ op }) => op === name)!.share,
        recipes.map((recipe) => Number(recipe.some(({ op }) => op === drawnAs))),
      );
    const angles = recipes
      .flat()
      .flatMap(({ op, params }) => (op === 'rotate' ? [params.angle as number] : []));
    expectWithin(exact.ops.find(({ op }) => op === 'rotate')!.magnitude!.mean, angles);
    expect(recipes.flat().map(({ op }) => op)).not.toContain('equalize');
    expect(exact.ops.find(({ op }) => op === 'equalize')).toEqual({ op: 'equalize', share: 0, strength: 0 });
  });

  it.each([
    ['an unknown op', one([{ op: 'fog', weight: 1, p: 1 }]), /unknown op 'fog'/],
    ['a weight that is no number', one([{ op: 'hflip', weight: Number.NaN, p: 1 }]), /weight: expected/],
    [
      'p above 1',
      one([{ op: 'hflip', weight: 1, p: 1.5 }]),
      /p: expected a number in 0\.\.1 but received 1.5/,
    ],
    ['no magnitude', one([{ op: 'rotate', weight: 1, p: 1 }]), /expected low ≤ high in -30\.\.30/],
    [
      'magnitudes upside down',
      one([{ op: 'rotate', weight: 1, p: 1, low: 5, high: 4 }]),
      /expected low ≤ high in -30\.\.30 but received \[5,4\]/,
    ],
  ])('refuses %s', (_, setting, message) => {
    expect(() => appliedOf(setting, space)).toThrow(message);
  });

  it.each([
    ['no sub-policy', { subPolicies: [] }],
    ['no stage', one()],
    ['an empty stage', one([])],
    ['odds that are all 0', one([{ op: 'hflip', weight: 0, p: 1 }])],
  ])('of a policy with %s is nothing', (_, setting) => {
    const nothing = appliedOf(setting, space);
    expect(nothing).toMatchObject({ effectiveOps: 0, count: 0, strength: 0 });
    expect(nothing.ops.map(({ share, strength }) => share + strength)).toEqual([0, 0, 0, 0]);
  });
});
