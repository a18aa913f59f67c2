import { describe, expect, it } from 'vitest';
import { fold, keyOf } from '../../../src/core/index.js';
import { randomPolicy, uniformPolicy } from '../../../src/search/policy/random-policy.js';
import { toySpace } from '../strategies/toy-space.js';

const space = toySpace({ subPolicies: 3, stages: 2 });
const settings = Array.from({ length: 400 }, (_, i) =>
  randomPolicy(space, fold(keyOf(1), i)).subPolicies.flatMap(({ stages }) => stages.flat()),
).flat();

describe('randomPolicy', () => {
  it('has the shape of the space, and is a function of the key', () => {
    const policy = randomPolicy(space, keyOf(7));
    expect(policy.subPolicies.map(({ stages }) => stages.map((stage) => stage.length))).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(randomPolicy(space, keyOf(7))).toEqual(policy);
    expect(randomPolicy(space, keyOf(8))).not.toEqual(policy);
  });

  it('draws each op equally often, and p over all of (0, 1)', () => {
    for (const { name } of space.ops) {
      const own = settings.filter(({ op }) => op === name);
      expect(own.length / settings.length).toBeCloseTo(1 / space.ops.length, 1);
      const mean = own.reduce((sum, { p }) => sum + p, 0) / own.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.06);
    }
  });

  it('keeps ranges within the bounds, wide and narrow, low and high', () => {
    for (const { op, low = 0, high = 0 } of settings.filter(({ low }) => low !== undefined)) {
      const { magnitude } = space.ops.find(({ name }) => name === op)!;
      expect(low).toBeGreaterThanOrEqual(magnitude!.low);
      expect(high).toBeLessThanOrEqual(magnitude!.high);
      expect(low).toBeLessThanOrEqual(high);
    }
    const rotations = settings.filter(({ op }) => op === 'rotate');
    expect(Math.min(...rotations.map(({ low = 0 }) => low))).toBeLessThan(-25);
    expect(Math.max(...rotations.map(({ high = 0 }) => high))).toBeGreaterThan(25);
    const widths = rotations.map(({ low = 0, high = 0 }) => high - low);
    expect(Math.min(...widths)).toBeLessThan(3);
    expect(Math.max(...widths)).toBeGreaterThan(55);
  });

  it('sets no magnitude where an op has none', () => {
    expect(settings.filter(({ op, low }) => op === 'flip' && low !== undefined)).toEqual([]);
    expect(settings.filter(({ op, low }) => op !== 'flip' && low === undefined)).toEqual([]);
  });

  it('refuses a space without ops', () => {
    expect(() => randomPolicy({ ...space, ops: [] }, keyOf(1))).toThrow(
      'search space: expected at least one op but it has none; allow an op',
    );
  });
});

describe('uniformPolicy', () => {
  it('has every op in each stage with equal odds, and is a function of the key', () => {
    const policy = uniformPolicy(space, keyOf(7));
    expect(policy.subPolicies).toHaveLength(3);
    for (const stage of policy.subPolicies.flatMap(({ stages }) => stages)) {
      expect(stage.map(({ op }) => op)).toEqual(space.ops.map(({ name }) => name));
      expect(new Set(stage.map(({ weight }) => weight)).size).toBe(1);
      expect(new Set(stage.map(({ p }) => p)).size).toBe(stage.length);
    }
    expect(uniformPolicy(space, keyOf(7))).toEqual(policy);
    expect(uniformPolicy(space, keyOf(8))).not.toEqual(policy);
  });

  it('refuses a space without ops', () => {
    expect(() => uniformPolicy({ ...space, ops: [] }, keyOf(1))).toThrow(/at least one op/);
  });
});
