import { describe, expect, it } from 'vitest';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import { strengthOf } from '../../../src/search/policy/strength.js';
import {
  bestSetting,
  type Rung,
  rounds,
  rungsOf,
  standings,
} from '../../../src/search/strategies/halving.js';
import type { Candidate } from '../../../src/search/strategies/strategy.js';
import { strength } from '../../../src/search/strategies/strength.js';
import { contextOf, made, search } from './run.js';

const RUNGS: readonly Rung[] = [
  { candidates: 9, epochs: 2, pairs: 1 },
  { candidates: 3, epochs: 6, pairs: 2 },
];
/** Told apart by their only p. */
const policies = Array.from(
  { length: 9 },
  (_, i): PolicySetting => ({
    subPolicies: [{ weight: 1, stages: [[{ op: 'flip', weight: 1, p: i / 10 }]] }],
  }),
);
const settingOf = ({ policy }: Candidate) => policies.indexOf(policy as (typeof policies)[number]);

/** Scores of all rounds that have begun, by setting and candidate. */
function score(scores: Map<string, number>, of: (setting: number, candidate: Candidate) => number) {
  for (const candidate of rounds(RUNGS, policies, scores).at(-1)!.candidates)
    scores.set(candidate.name, of(settingOf(candidate), candidate));
}

describe('rounds', () => {
  it('gives each setting the same pair, and survivors others', () => {
    const scores = new Map<string, number>();
    const [first, ...none] = rounds(RUNGS, policies, scores);
    expect(none).toEqual([]);
    expect(first!.candidates.map(({ pair, epochs }) => [pair, epochs])).toEqual(Array(9).fill([0, 2]));
    score(scores, (setting) => -Math.abs(setting - 4.1));
    const second = rounds(RUNGS, policies, scores)[1]!;
    expect(second.settings).toEqual([4, 5, 3]);
    expect(second.candidates.map((one) => [settingOf(one), one.pair, one.epochs])).toEqual([
      [4, 1, 6],
      [5, 1, 6],
      [3, 1, 6],
      [4, 2, 6],
      [5, 2, 6],
      [3, 2, 6],
    ]);
  });

  it('compares within a round only: what a round adds to all of its scores changes nothing', () => {
    for (const [rung0, rung1] of [
      [100, 0],
      [0, 100],
      [0, 0],
    ] as const) {
      const scores = new Map<string, number>();
      score(scores, (setting) => rung0 + setting);
      // In longer trainings 6 is best; 8 was before.
      score(scores, (setting) => rung1 - setting);
      expect(bestSetting(rounds(RUNGS, policies, scores), scores)).toBe(6);
    }
  });

  it('takes means over the pairs that all settings have: half a pair says nothing', () => {
    const scores = new Map<string, number>();
    score(scores, (setting) => setting);
    const [, last] = rounds(RUNGS, policies, scores);
    const [a, b, c, again] = last!.candidates;
    for (const [one, value] of [
      [a, 0.5],
      [b, 0.6],
      [c, 0.4],
    ] as const)
      scores.set(one!.name, value);
    expect(standings(last!, scores)).toEqual([
      { setting: 7, score: 0.6 },
      { setting: 8, score: 0.5 },
      { setting: 6, score: 0.4 },
    ]);
    // 8 in a second pair, alone: a pair that lifts all would decide.
    scores.set(again!.name, 5);
    expect(bestSetting(rounds(RUNGS, policies, scores), scores)).toBe(7);
  });

  it('stays with the round before while a round has no whole pair, and with the scored ones in the first', () => {
    const scores = new Map<string, number>();
    expect(bestSetting(rounds(RUNGS, policies, scores), scores)).toBeUndefined();
    const [first] = rounds(RUNGS, policies, scores);
    scores.set(first!.candidates[2]!.name, 1);
    scores.set(first!.candidates[5]!.name, 2);
    expect(bestSetting(rounds(RUNGS, policies, scores), scores)).toBe(5);
    score(scores, (setting) => setting);
    const [, last] = rounds(RUNGS, policies, scores);
    scores.set(last!.candidates[2]!.name, 1000);
    expect(bestSetting(rounds(RUNGS, policies, scores), scores)).toBe(8);
  });

  it('leaves those that score alike in their order', () => {
    const scores = new Map<string, number>();
    score(scores, () => 1);
    expect(rounds(RUNGS, policies, scores)[1]!.settings).toEqual([0, 1, 2]);
  });
});

describe('rungsOf', () => {
  const scorer = made(() => 0);
  const rungs = (seconds: number, epochs = 16) =>
    rungsOf('strength', scorer, contextOf({ seconds, epochs }), 27).map((one) => [
      one.candidates,
      one.epochs,
      one.pairs,
    ]);

  it('has more candidates first, then longer trainings, then more pairs, within the budget', () => {
    expect(rungs(14)).toEqual([[3, 4, 1]]);
    expect(rungs(49)).toEqual([[3, 15, 1]]);
    expect(rungs(80)).toEqual([
      [9, 4, 1],
      [3, 12, 1],
    ]);
    expect(rungs(110)).toEqual([
      [9, 6, 1],
      [3, 16, 1],
    ]);
    expect(rungs(200)).toEqual([
      [9, 10, 1],
      [3, 16, 2],
    ]);
    expect(rungs(300)[0]).toEqual([27, 4, 1]);
  });

  it('never trains longer than a trial, nor for less than a quarter of one', () => {
    for (const seconds of [20, 100, 1000, 10_000])
      for (const [, epochs] of rungs(seconds)) {
        expect(epochs).toBeLessThanOrEqual(16);
        expect(epochs).toBeGreaterThanOrEqual(4);
      }
    expect(rungs(40, 1)[0]![1]).toBe(1);
  });
});

describe('strength', () => {
  it('keeps what is best in long trainings, though each pair has luck of its own', async () => {
    // A pair adds the same to all; long trainings score higher.
    const value = (policy: PolicySetting, { pair = 0, epochs = 0 }: Candidate) =>
      5 * Math.sin(7 * pair) + epochs - Math.abs(policy.subPolicies[0]!.stages[0]![0]!.p - 0.5);
    const { policy, history } = await search(strength({ scorer: made(value) }), contextOf({ seconds: 300 }));
    expect(policy.subPolicies[0]!.stages[0]![0]!.p).toBe(0.5);
    const names = history.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('rung0'))).toHaveLength(27);
    expect(names.filter((name) => name.startsWith('rung1'))).toHaveLength(9);
  });

  it('tells who led after each round, by scores of that round', async () => {
    const value = (policy: PolicySetting, { epochs = 0 }: Candidate) =>
      epochs * (0.5 - Math.abs(policy.subPolicies[0]!.stages[0]![0]!.p - 0.5));
    const context = contextOf({ seconds: 300 });
    const strategy = strength({ scorer: made(value) });
    const { history, policy } = await search(strategy, context);
    const { trace } = await strategy.account!(history, context);
    expect(trace.map(({ progress }) => progress)).toEqual([27 / 39, 36 / 39, 1]);
    expect(trace.map(({ values }) => values)).toEqual([
      { score: 2, epochs: 4 },
      { score: 6, epochs: 12 },
      { score: 8, epochs: 16 },
    ]);
    expect(trace.at(-1)!.strength).toBeCloseTo(strengthOf(context.problem.space, policy), 9);
    expect((await strategy.account!(history.slice(0, 30), context)).trace).toHaveLength(1);
  });
});
