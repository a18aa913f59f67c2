/** What every strategy has to do, by scorers whose best policy is known. */
import { describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../../src/core/index.js';
import { operatorOf } from '../../../src/search/policy/operator.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import { numberCount, policyFromNumbers } from '../../../src/search/policy/policy-numbers.js';
import { randomPolicy } from '../../../src/search/policy/random-policy.js';
import { distanceOf, strengthOf } from '../../../src/search/policy/strength.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';
import { density } from '../../../src/search/strategies/density.js';
import { STRATEGIES } from '../../../src/search/strategies/index.js';
import { randaugment } from '../../../src/search/strategies/randaugment.js';
import { random } from '../../../src/search/strategies/random.js';
import type { Scored, Scorer, Strategy } from '../../../src/search/strategies/strategy.js';
import { strength } from '../../../src/search/strategies/strength.js';
import { tpe } from '../../../src/search/strategies/tpe.js';
import { contextOf, made, search } from './run.js';
import { toySpace } from './toy-space.js';

const space = toySpace();
/** The toys under their names, and all others. */
const every = toySpace({
  ops: [...space.ops, ...STANDARD_OPS.filter(({ name }) => !space.ops.some((op) => op.name === name))],
});

/** Each setting with the share of samples that it is applied to. */
function applied({ subPolicies }: PolicySetting): { setting: OpSetting; share: number }[] {
  const total = subPolicies.reduce((sum, { weight }) => sum + weight, 0);
  return subPolicies.flatMap(({ weight, stages }) =>
    stages.flatMap((stage) => {
      const odds = stage.reduce((sum, setting) => sum + setting.weight, 0);
      return stage.map((setting) => ({
        setting,
        share: (weight / total) * (setting.weight / odds) * setting.p,
      }));
    }),
  );
}
const shareOf = (policy: PolicySetting, op: string) =>
  applied(policy).reduce((sum, { setting, share }) => sum + (setting.op === op ? share : 0), 0);

/** Flips harm, rotations help the more the farther they go. */
const noFlips = (policy: PolicySetting) =>
  applied(policy).reduce((sum, { setting, share }) => {
    if (setting.op === 'flip') return sum - share;
    return setting.op === 'rotate' ? sum + share * distanceOf(space, setting) : sum;
  }, 0);
/** Best at a strength of 0.4. */
const middling = (policy: PolicySetting) => -Math.abs(strengthOf(every, policy) - 0.4);

const makers: Readonly<Record<string, (scorer: Scorer) => Strategy>> = {
  random: (scorer) => random({ scorer }),
  randaugment: (scorer) => randaugment({ scorer }),
  tpe: (scorer) => tpe({ scorer }),
  density: (scorer) => density({ scorer }),
  strength: (scorer) => strength({ scorer }),
};
const each = Object.entries(makers);
const SEEDS = [1, 2, 3, 4, 5, 6];

describe.each(each)('%s', (name, make) => {
  it('proposes the same for the same scores, in whatever order they came', async () => {
    const context = contextOf();
    const { history } = await search(make(made(middling)), context);
    for (const at of [0, 1, 3, Math.floor(history.length / 2), history.length]) {
      const cut = history.slice(0, at);
      const once = await make(made(middling)).propose(cut, context);
      expect(await make(made(middling)).propose([...cut].reverse(), context)).toEqual(once);
    }
  });

  it('goes on from a history that was cut anywhere to the same scores and the same policy', async () => {
    const context = contextOf();
    const whole = await search(make(made(middling, 0.1)), context);
    for (const at of [1, 2, 5, 11]) {
      const resumed = await search(make(made(middling, 0.1)), context, whole.history.slice(0, at));
      expect(resumed.policy).toEqual(whole.policy);
      expect(resumed.history).toEqual(whole.history);
    }
    // As a journal has it: through JSON.
    const cut = JSON.parse(JSON.stringify(whole.history.slice(0, 6))) as Scored[];
    expect((await search(make(made(middling, 0.1)), context, cut)).policy).toEqual(whole.policy);
  });

  it('proposes no op that the space lacks, and no magnitude out of its bounds', async () => {
    const own = toySpace({ ops: space.ops.filter((op) => op.name !== 'flip'), subPolicies: 2 });
    const { history, policy } = await search(make(made(middling)), contextOf({ space: own }));
    for (const one of [policy, ...history.map((scored) => scored.policy)])
      for (const { setting } of applied(one)) {
        const op = own.ops.find(({ name }) => name === setting.op);
        expect(op?.magnitude).toBeDefined();
        expect(setting.low).toBeGreaterThanOrEqual(op!.magnitude!.low - 1e-9);
        expect(setting.high).toBeLessThanOrEqual(op!.magnitude!.high + 1e-9);
        expect(setting.low).toBeLessThanOrEqual(setting.high!);
        expect(setting.p).toBeGreaterThanOrEqual(0);
        expect(setting.p).toBeLessThanOrEqual(1);
        expect(setting.weight).toBeGreaterThan(0);
      }
  });

  it('proposes what becomes operators, over all standard ops', async () => {
    const own = toySpace({ ops: STANDARD_OPS });
    const { history, policy } = await search(make(made(middling)), contextOf({ space: own, seconds: 300 }));
    for (const [i, one] of [policy, ...history.map((scored) => scored.policy)].entries()) {
      const { transform } = operatorOf(own, one);
      for (let k = 0; k < 4; k++) expect(transform.draw(fold(keyOf(i), k), 0)).toBeInstanceOf(Array);
    }
  });

  it('has names that are unique and fit for files, and keeps its budget', async () => {
    for (const seconds of [60, 200, 900]) {
      const ran = await search(make(made(middling)), contextOf({ seconds }));
      const names = ran.history.map((one) => one.name);
      expect(new Set(names).size).toBe(names.length);
      for (const one of names) expect(one).toMatch(/^[a-z0-9-]+$/);
      expect(ran.seconds).toBeLessThanOrEqual(seconds);
    }
  });

  it('proposes few at once, so that it can be ended, and none twice', async () => {
    const { proposals } = await search(make(made(middling)), contextOf({ seconds: 900 }));
    expect(Math.max(...proposals.map((one) => one.length))).toBeLessThanOrEqual(27);
    expect(proposals.length).toBeGreaterThan(3);
    expect(new Set(proposals.flat()).size).toBe(proposals.flat().length);
  });

  it('spends what it is given, if that is not more than there is to try', async () => {
    const seconds = { strength: 150, randaugment: 200 }[name] ?? 300;
    const ran = await search(make(made(middling)), contextOf({ seconds }));
    expect(ran.seconds).toBeGreaterThan(0.8 * seconds);
  });

  it('refuses a budget in which nothing can be compared', () => {
    expect(() => make(made(middling)).propose([], contextOf({ seconds: 4 }))).toThrow(
      new RegExp(
        `^${name}: expected a budget of \\d+ s or more, for \\d+ scores of 4.5 s, but received 4 s; raise --budget, or lower the epochs of the trial$`,
      ),
    );
  });

  it('refuses a score that is no number, by the name of its candidate', async () => {
    const context = contextOf();
    const strategy = make(made(middling));
    const [first] = await strategy.propose([], context);
    expect(() => strategy.propose([{ ...first!, score: Number.NaN }], context)).toThrow(
      `${name}: score of ${first!.name}: expected a finite number but received NaN; `,
    );
  });

  it('concludes from part of the scores, and says when there are none', async () => {
    const context = contextOf();
    const strategy = make(made(middling));
    const candidates = await strategy.propose([], context);
    const scored = candidates.slice(0, 2).map((one, i) => ({ ...one, score: i }));
    expect(strategy.conclude(scored, context)).toEqual(candidates[1]!.policy);
    expect(() => strategy.conclude([], context)).toThrow(
      `${name}: no candidate was scored; give the search more time with --budget`,
    );
  });
});

/** The mean value of what is found over some seeds, and that of random policies. */
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
async function meanFound(make: (scorer: Scorer) => Strategy, value: (policy: PolicySetting) => number) {
  let sum = 0;
  for (const seed of SEEDS) {
    const { policy } = await search(make(made(value, 0.02)), contextOf({ seed, seconds: 400 }));
    sum += value(policy);
  }
  return sum / SEEDS.length;
}
const chance = (value: (policy: PolicySetting) => number) => {
  const n = 500;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += value(randomPolicy(space, keyOf(1000 + i)));
  return sum / n;
};

describe('what is found', () => {
  it.each(['random', 'tpe', 'density'])('%s drops the op that harms', async (name) => {
    const make = makers[name]!;
    const found = await meanFound(make, noFlips);
    expect(found).toBeGreaterThan(chance(noFlips) + 0.3);
    const { policy } = await search(make(made(noFlips)), contextOf({ seconds: 400 }));
    expect(shareOf(policy, 'flip')).toBeLessThan(0.15);
  });

  it('tpe finds better ones than as many random ones of its own kind', async () => {
    const randomly = SEEDS.map((seed) => {
      const draws = new Draws(keyOf(seed));
      const values = Array.from({ length: 80 }, () =>
        policyFromNumbers(
          space,
          Array.from({ length: numberCount(space) }, () => draws.uniform()),
        ),
      ).map(noFlips);
      return Math.max(...values);
    });
    const found = await meanFound((scorer) => tpe({ scorer, candidates: 80 }), noFlips);
    expect(found).toBeGreaterThan(mean(randomly) + 0.05);
  });

  it.each(['strength', 'randaugment', 'random'])('%s finds how strong is best', async (name) => {
    const found = await meanFound(makers[name]!, middling);
    expect(found).toBeGreaterThan(-0.1);
    expect(found).toBeGreaterThan(chance(middling) + 0.15);
  });

  it('strength ends at nothing where everything harms, and where nothing makes a difference', async () => {
    for (const value of [(policy: PolicySetting) => -strengthOf(space, policy), () => 0.5]) {
      const { policy } = await search(makers.strength!(made(value)), contextOf());
      expect(strengthOf(space, policy)).toBe(0);
    }
  });

  it('strength ends at the strongest where all of it helps', async () => {
    const { policy } = await search(
      makers.strength!(made((one) => strengthOf(space, one))),
      contextOf({ seconds: 400 }),
    );
    expect(strengthOf(space, policy)).toBeGreaterThan(1.4);
  });
});

describe('density', () => {
  it('compares candidates of one strength: that of every op once, unless told another', async () => {
    const { history } = await search(density({ scorer: made(noFlips) }), contextOf());
    for (const { policy } of history) expect(strengthOf(space, policy)).toBeCloseTo(0.6083, 4);
    const other = await search(density({ scorer: made(noFlips), strength: 1.2 }), contextOf());
    for (const { policy } of other.history) expect(strengthOf(space, policy)).toBeCloseTo(1.2, 6);
  });

  it('refuses a strength that no policy of the space has', () => {
    const strategy = density({ scorer: made(noFlips), strength: 2.5 });
    expect(() => strategy.propose([], contextOf())).toThrow(
      'density: expected a strength that policies of 2 stages can have but received 2.5; lower strength, widen the bounds, or add stages',
    );
  });

  it('puts the best tenth together', async () => {
    const { policy, history } = await search(density({ scorer: made(noFlips), candidates: 40 }), contextOf());
    const best = [...history].sort((a, b) => b.score - a.score).slice(0, 4);
    expect(policy.subPolicies).toEqual(best.flatMap((one) => one.policy.subPolicies));
  });
});

describe('randaugment', () => {
  it('scores each point of the grid that is given, at magnitudes of one level', async () => {
    const grid = { n: [1, 3], m: [0.5, 1] };
    const { history } = await search(randaugment({ scorer: made(middling), grid }), contextOf());
    expect(history.map(({ policy }) => policy.subPolicies[0]!.stages.length)).toEqual([1, 1, 3, 3]);
    const rotations = history.map(({ policy }) =>
      policy.subPolicies[0]!.stages[0]!.filter(({ op }) => op === 'rotate').map(({ low, high, p }) => [
        low,
        high,
        p,
      ]),
    );
    expect(rotations[0]).toEqual([
      [-15, -15, 1],
      [15, 15, 1],
    ]);
    expect(rotations[1]).toEqual([
      [-30, -30, 1],
      [30, 30, 1],
    ]);
  });

  it('takes a finer grid where there is time for it', async () => {
    const sizes: number[] = [];
    for (const seconds of [20, 30, 50, 100])
      sizes.push(
        (await search(randaugment({ scorer: made(middling) }), contextOf({ seconds }))).history.length,
      );
    expect(sizes).toEqual([4, 6, 9, 15]);
  });
});

describe('a scorer of one’s own', () => {
  const own: Scorer = async ({ policy }) => -strengthOf(space, policy);

  it.each([
    ['random', (candidates?: number) => random({ scorer: own, candidates })],
    ['tpe', (candidates?: number) => tpe({ scorer: own, candidates })],
    ['density', (candidates?: number) => density({ scorer: own, candidates })],
  ] as const)('%s asks how many to score, where it does not tell its seconds', async (name, make) => {
    expect(() => make().propose([], contextOf())).toThrow(
      `${name}: expected the number of candidates, as the scorer does not tell its seconds; give candidates, or scorer.seconds`,
    );
    expect((await search(make(14), contextOf())).history).toHaveLength(14);
  });

  it('strength needs the seconds, and says so at once', () => {
    expect(() => strength({ scorer: own })).toThrow(
      'strength: expected a scorer that tells its seconds, as rungs are planned by them; give scorer.seconds',
    );
  });

  it('options are checked', () => {
    expect(() => random({ candidates: 0 })).toThrow(/^random: candidates/);
    expect(() => tpe({ scorer: 3 as never })).toThrow(/^tpe: scorer/);
    expect(() => density({ strenght: 1 } as never)).toThrow(/^density: .*strenght/);
    expect(() => randaugment({ grid: { n: [1], m: [2] } })).toThrow(/^randaugment: grid\.m/);
  });
});

describe('STRATEGIES', () => {
  it('makes each by its name', () => {
    expect(STRATEGIES.names()).toEqual(expect.arrayContaining(Object.keys(makers)));
    for (const name of STRATEGIES.names()) expect(STRATEGIES.get(name).make().name).toBe(name);
  });

  it('refuses an unknown name with the nearest', () => {
    expect(() => STRATEGIES.get('densty')).toThrow("unknown strategy 'densty'; did you mean 'density'?");
  });
});
