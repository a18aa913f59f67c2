import { describe, expect, it } from 'vitest';
import { secondsOf } from '../../src/cli/budget.js';
import { definitionOf, strategyOf } from '../../src/cli/search/definition.js';
import { UsageError } from '../../src/core/index.js';
import { problem } from '../search/data/make.js';
import { toySpace } from '../search/strategies/toy-space.js';

describe('--budget', () => {
  it.each([
    ['10m', 600],
    ['90s', 90],
    ['1h30m', 5400],
    ['1.5h', 5400],
    [' 2m30s ', 150],
  ])('%s is %d seconds', (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each(['', '10', 'm', '10 m', '-5m', '0s', '5m later', '1e3s', '10min'])('%j is refused', (text) => {
    expect(() => secondsOf(text)).toThrow(UsageError);
    expect(() => secondsOf(text)).toThrow('--budget: expected a time such as 10m, 90s or 1h30m but received');
  });
});

describe('what a pipeline’s search returns', () => {
  const given = problem({ space: toySpace() });
  const of = (search: unknown) =>
    definitionOf('p.ts', { search: search && (() => search) } as never, {} as never);

  it('is passed on', async () => {
    expect(await of(given)).toBe(given);
    expect(await of(Promise.resolve(given))).toBe(given);
    const all = { ...given, heldOut: given.test, heldOutLabels: true, controls: {}, strategies: {} };
    expect(await of(all)).toBe(all);
  });

  it.each([
    [
      'no search',
      undefined,
      'p.ts: has no search; add search: (context) => ({ train, test, space, … }) to definePipeline',
    ],
    ['nothing', 3, 'p.ts: search: expected a problem but received 3; return it'],
    [
      'no test set',
      { ...given, test: undefined },
      'p.ts: search: expected test, with item, but received undefined; give it',
    ],
    [
      'a space that is none',
      { ...given, space: {} },
      'p.ts: search: expected space, with ops, but received {}; give it',
    ],
    ['no size', { ...given, size: undefined }, 'p.ts: search: expected size but received undefined; give it'],
    [
      'a field that there is not',
      { ...given, heldout: given.test },
      "p.ts: search: unknown field 'heldout'; did you mean 'heldOut'?",
    ],
  ])('is refused where there is %s', async (_, search, sentence) => {
    await expect(of(search)).rejects.toThrow(sentence);
  });

  it('may bring strategies, under names of their own', () => {
    const mine = {
      name: 'mine',
      propose: () => [],
      score: async () => 0,
      conclude: () => ({ subPolicies: [] }),
    };
    const make = () => mine;
    expect(strategyOf('mine', { ...given, strategies: { mine: make } })()).toBe(mine);
    expect(strategyOf('random', given)().name).toBe('random');
    expect(() => strategyOf('mine', given)).toThrow("unknown strategy 'mine'; ");
    expect(() => strategyOf('x', { ...given, strategies: { random: make } })).toThrow(
      "strategy 'random' is registered twice; rename one of them",
    );
  });
});
