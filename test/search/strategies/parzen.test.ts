import { describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../../src/core/index.js';
import {
  numberCount,
  numbersOfPolicy,
  policyFromNumbers,
} from '../../../src/search/policy/policy-numbers.js';
import { type Point, propose } from '../../../src/search/strategies/parzen.js';
import { toySpace } from './toy-space.js';

const randomPoint = (draws: Draws, n: number) => Array.from({ length: n }, () => draws.uniform());

describe('propose', () => {
  const score = (values: readonly number[]) =>
    -values.reduce((sum, x, d) => sum + (x - (d % 2 === 0 ? 0.3 : 0.8)) ** 2, 0);
  const points = (seed: number, n: number): Point[] => {
    const draws = new Draws(keyOf(seed));
    return Array.from({ length: n }, () => {
      const values = randomPoint(draws, 6);
      return { values, score: score(values) };
    });
  };

  it('comes nearer to the best point than random ones do, for every seed', () => {
    for (const seed of [1, 2, 3, 4]) {
      const random = Math.max(...points(seed, 60).map((point) => point.score));
      const found = points(seed, 15);
      for (let i = 0; i < 45; i++) {
        const values = propose(found, fold(keyOf(seed), i));
        for (const x of values) expect(x >= 0 && x <= 1).toBe(true);
        found.push({ values, score: score(values) });
      }
      expect(Math.max(...found.map((point) => point.score))).toBeGreaterThan(random / 2);
    }
  });

  it('is a function of points and key', () => {
    const known = points(1, 20);
    expect(propose(known, keyOf(3))).toEqual(propose([...known].reverse(), keyOf(3)));
    expect(propose(known, keyOf(3))).not.toEqual(propose(known, keyOf(4)));
  });

  it('works from one point on', () => {
    expect(propose([{ values: [0.5, 1], score: 0 }], keyOf(1))).toHaveLength(2);
  });
});

describe('policies as numbers', () => {
  const space = toySpace();

  it('come back', () => {
    const draws = new Draws(keyOf(2));
    for (let i = 0; i < 50; i++) {
      const values = randomPoint(draws, numberCount(space));
      const back = numbersOfPolicy(space, policyFromNumbers(space, values));
      expect(back).toHaveLength(14);
      for (const [d, x] of back.entries()) expect(x).toBeCloseTo(values[d]!, 9);
    }
  });

  it('reach all bounds, and odds of 1 to 100', () => {
    const all = (x: number) => policyFromNumbers(space, Array(14).fill(x)).subPolicies[0]!.stages;
    expect(all(0)).toHaveLength(2);
    expect(all(0)[0]![0]).toEqual({ op: 'rotate', weight: 0.01, p: 0, low: -30, high: -30 });
    expect(all(1)[1]![1]).toEqual({ op: 'brightness', weight: 1, p: 1, low: 0.4, high: 1.9 });
  });

  it('of another space are refused', () => {
    const policy = policyFromNumbers(space, Array(14).fill(0.5));
    expect(() => numbersOfPolicy(toySpace({ ops: [...space.ops].reverse() }), policy)).toThrow(
      'search: the history has a policy of another space; start the search anew',
    );
  });
});
