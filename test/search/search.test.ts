import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { horizontalFlip, rotate } from '../../src/augment/index.js';
import { lockFolder } from '../../src/core/files/folder-lock.js';
import { UsageError } from '../../src/core/index.js';
import { problemData } from '../../src/search/data/splits.js';
import { identityOf, readPlan, writePlan } from '../../src/search/plan.js';
import type { PolicySetting } from '../../src/search/policy/policy.js';
import type { SearchProblem } from '../../src/search/problem.js';
import { findingsOf } from '../../src/search/report/index.js';
import type { SearchResult } from '../../src/search/result.js';
import { type SearchOptions, search } from '../../src/search/search.js';
import { random } from '../../src/search/strategies/random.js';
import type { Candidate, Strategy, StrategyContext } from '../../src/search/strategies/strategy.js';
import { DivergedError } from '../../src/train/state/diverged.js';
import { made, problem } from './data/make.js';
import { toySpace } from './strategies/toy-space.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-search-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const given = problem({
  space: toySpace(),
  controls: { plain: [], turned: [rotate(90)], mirrored: [horizontalFlip()] },
});

const SAME = 'searches 1 and 2 found the same policy: a pair has one training of it, which counts for both';

/** What was asked of the strategy. */
let asked: string[] = [];
const policyOf = (p: number): PolicySetting => ({
  subPolicies: [
    {
      weight: 1,
      stages: [[{ op: 'flip', weight: 1, p }], [{ op: 'rotate', weight: 1, p, low: -5, high: p * 30 }]],
    },
  ],
});
const candidate = (name: string, p: number): Candidate => ({ name, policy: policyOf(p) });
/** Two candidates, then one between them; the best score wins. */
const counting = (): Strategy => ({
  name: 'counting',
  propose(history, { seed }) {
    asked.push(`propose ${history.length}`);
    if (history.length === 0) return [candidate('a', (seed % 7) / 10), candidate('b', 0.9)];
    if (history.length === 2) return [candidate('c', 0.5)];
    return [];
  },
  async score({ name, policy }) {
    asked.push(`score ${name}`);
    return -Math.abs((policy.subPolicies[0]?.stages[0]?.[0]?.p ?? 0) - 0.6);
  },
  conclude(history) {
    asked.push('conclude');
    return ([...history].sort((a, b) => b.score - a.score)[0] as Candidate).policy;
  },
});

const options = (out: string, changes: Partial<SearchOptions> = {}): SearchOptions => ({
  strategy: { name: 'counting', make: counting },
  budget: 100_000,
  pairs: 2,
  out: join(root, out),
  backend: 'wasm',
  ...changes,
});

/** Puts a plan of fixed numbers in a folder, so that nothing depends on what is measured. */
async function planIn(out: string, changes: Partial<SearchOptions> = {}) {
  const { strategy, budget, seed = 0 } = options(out, changes);
  const about = {
    pipeline: 'search',
    strategy: strategy.name,
    strategyOptions: strategy.make().options ?? {},
    seed,
    budget,
    settings: {},
  };
  writePlan(join(root, out, 'plan.json'), {
    identity: identityOf(given, await problemData(given, { seed }), about),
    cost: {
      secondsPerImageEpoch: 0.01,
      secondsPerTrial: 0.1,
      secondsPerForward: 0.001,
      searchImages: 24,
      validationImages: 16,
    },
    ...{ workers: 1, searches: 2, pairs: 2, most: 2 },
    ...{ elapsed: 0, searchSeconds: budget / 4, worthSeconds: 1, roundSeconds: 1 },
  });
}

/** Without what depends on the clock. */
const timeless = ({ seconds: _, searches, arms, ...rest }: SearchResult) => ({
  ...rest,
  searches: searches.map(({ seconds: _, ...one }) => one),
  arms: arms.map(({ name, runs }) => ({ name, runs: runs.map(({ seconds: _, ...run }) => run) })),
});

/** Every file of a folder with its text. */
const filesIn = (dir: string) =>
  Object.fromEntries(
    (readdirSync(dir, { recursive: true }) as string[])
      .filter((file) => statSync(join(dir, file)).isFile() && file.endsWith('.json'))
      .map((file) => [file, readFileSync(join(dir, file), 'utf8')]),
  );

describe('search', () => {
  let whole: SearchResult;
  beforeAll(async () => {
    await planIn('whole');
    whole = await search(given, options('whole', { resume: true }));
  });

  it('measures, plans, and ends with all arms of all pairs', async () => {
    const lines: string[] = [];
    const status: number[] = [];
    const result = await search(
      given,
      options('fresh', { log: (line) => lines.push(line), status: (_, _share, left) => status.push(left) }),
    );
    const plan = readPlan(join(root, 'fresh/plan.json'));
    expect(plan).toMatchObject({ searches: 2, pairs: 2, most: 2, workers: 1 });
    expect(plan?.cost.secondsPerImageEpoch).toBeGreaterThan(0);
    expect(lines.join('\n')).toMatch(
      /a training of 40 images × 2 epochs takes .* ms an image and epoch, 1 side by side\)/,
    );
    expect(status.length).toBeGreaterThan(0);
    expect(
      result.arms.map(({ name, runs }) => [name, runs.map(({ pair, search }) => [pair, search])]),
    ).toEqual([
      [
        'found',
        [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ],
      ],
      ...['plain', 'turned', 'mirrored'].map((name) => [
        name,
        [
          [0, undefined],
          [1, undefined],
        ],
      ]),
    ]);
    expect(result.seconds).toBeLessThan(100_000);
    // The clock alone decides what is measured: policies and figures are those of the other plan.
    expect(timeless(result)).toEqual(timeless(whole));
  });

  it('tells what was found, by searches of different seeds', () => {
    const { searches, worth, splits, notes } = whole;
    expect(new Set(searches.map(({ seed }) => seed)).size).toBe(2);
    expect(searches.map(({ policy }) => policy)).toContainEqual(policyOf(0.5));
    expect(searches[0]?.trace).toHaveLength(3);
    expect(searches[0]?.trace.at(-1)).toMatchObject({ progress: 1, effectiveOps: 1 });
    expect(worth.map(({ op }) => op).sort()).toEqual(['flip', 'rotate']);
    expect(worth.every(({ worth }) => Number.isFinite(worth))).toBe(true);
    expect(Object.entries(splits).map(([name, { images }]) => [name, images])).toEqual([
      ['train', 40],
      ['search', 24],
      ['heldOut', 16],
      ['test', 10],
    ]);
    expect(notes).toEqual([SAME]);
  });

  it('pairs arms: all share their first weights and order, and no arm is trained as another', () => {
    const [found, ...controls] = whole.arms.map(({ runs }) =>
      runs.map(({ loss, trainAccuracy }) => `${loss} ${trainAccuracy}`),
    );
    const others = controls.flat();
    expect(new Set(others).size).toBe(6);
    // Both searches found the same policy: the same training, twice.
    expect(found?.[0]).toBe(found?.[1]);
    expect(found?.[2]).toBe(found?.[3]);
    expect(new Set([...others, ...(found ?? [])]).size).toBe(8);
  });

  it('does nothing again once it is finished, and touches no journal', async () => {
    const before = filesIn(join(root, 'whole'));
    asked = [];
    const again = await search(given, options('whole', { resume: true }));
    expect(asked).toEqual([]);
    expect(timeless(again)).toEqual(timeless(whole));
    const after = filesIn(join(root, 'whole'));
    const { 'result.json': _, ...journal } = after;
    const { 'result.json': __, ...then } = before;
    expect(journal).toEqual(then);
  });

  it('refuses to begin where there is a search already, and touches nothing', async () => {
    const before = filesIn(join(root, 'whole'));
    await expect(search(given, options('whole'))).rejects.toThrow(
      /whole: holds a search; continue it with --resume, or give another folder with --out/,
    );
    expect(filesIn(join(root, 'whole'))).toEqual(before);
  });

  it('refuses to go on with another seed, space or data', async () => {
    const other = (changes: Partial<SearchProblem>, more: Partial<SearchOptions> = {}) =>
      search({ ...given, ...changes }, options('whole', { resume: true, ...more }));
    await expect(other({}, { seed: 3 })).rejects.toThrow(
      /plan\.json: belongs to a search with seed 0, not 3; /,
    );
    await expect(other({ space: toySpace({ stages: 1 }) })).rejects.toThrow(/with space\.stages 2, not 1; /);
    await expect(other({ test: made({ count: 10, from: 7000 }) })).rejects.toThrow(
      /with data\.test\.sha256 '/,
    );
  });

  it('stopped at any moment, it goes on to the same policy and figures, and scores nothing twice', async () => {
    for (const at of ['search 1', 'training 1 ', 'training 5 ', 'training 8 ']) {
      const out = `cut ${at.trim()}`;
      await planIn(out);
      const stop = new AbortController();
      asked = [];
      let before = 0;
      const stopping = counting();
      const strategy: Strategy = {
        ...stopping,
        async score(one, context) {
          // In the middle of a search: after its first score.
          if (at === 'search 1' && ++before === 2) stop.abort();
          return stopping.score(one, context);
        },
      };
      await expect(
        search(
          given,
          options(out, {
            resume: true,
            strategy: { name: 'counting', make: () => strategy },
            signal: stop.signal,
            status: (line) => line.startsWith(at) && stop.abort(),
          }),
        ),
      ).rejects.toMatchObject({ name: 'AbortError' });
      expect(existsSync(join(root, out, 'result.json'))).toBe(false);
      const result = await search(given, options(out, { resume: true }));
      expect(timeless(result)).toEqual(timeless(whole));
      const scores = asked.filter((one) => one.startsWith('score'));
      // Each of two searches scores three candidates; the one in which the stop came may be asked again.
      expect(scores.length).toBeLessThanOrEqual(at === 'search 1' ? 7 : 6);
    }
  });

  it('scores by short trainings, and goes on after a stop', async () => {
    const strategy = { name: 'random', make: () => random({ candidates: 2 }) };
    await planIn('trained', { strategy });
    cpSync(join(root, 'trained'), join(root, 'trained cut'), { recursive: true });
    const one = await search(given, options('trained', { resume: true, strategy }));
    const stop = new AbortController();
    const own = random({ candidates: 2 });
    let begun = 0;
    const stopping = Object.assign(
      (candidate: Candidate, context: StrategyContext) => {
        if (++begun === 2) stop.abort();
        return own.score(candidate, context);
      },
      { seconds: own.score.seconds },
    );
    const cut = search(
      given,
      options('trained cut', {
        resume: true,
        strategy: { name: 'random', make: () => ({ ...own, score: stopping }) },
        signal: stop.signal,
      }),
    );
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
    const other = await search(given, options('trained cut', { resume: true, strategy }));
    expect(timeless(other)).toEqual(timeless(one));
  });

  it('is cut where its time is over, and says so', async () => {
    await planIn('overdue', { budget: 1e-6 });
    const result = await search(given, options('overdue', { resume: true, budget: 1e-6 }));
    // The plan of a microsecond was overdue before the second proposal; so was every round but the first.
    expect(result.notes.slice(0, 2).sort()).toEqual(
      [1, 2].map(
        (nth) => `search ${nth}: its time was over after 2 scores; the policy is concluded from them`,
      ),
    );
    expect(result.notes[2]).toBe(
      'pairs: 2 were planned but the budget had time for 1; the search or the trainings took longer than measured',
    );
    expect(result.arms.map(({ runs }) => runs.length)).toEqual([2, 1, 1, 1]);
    expect(timeless(await search(given, options('overdue', { resume: true, budget: 1e-6 })))).toMatchObject({
      arms: timeless(result).arms,
    });
  });
});

describe('trainings that diverge', () => {
  const diverging = (names: readonly string[]): Strategy => {
    const own = counting();
    return {
      ...own,
      propose: (history) =>
        history.length > 0 ? [] : [candidate('a', 0.9), candidate('b', 0.3), candidate('c', 0.55)],
      score: async (one, context) => {
        if (names.includes(one.name)) throw new DivergedError('train: the loss is NaN at step 3');
        return own.score(one, context);
      },
    };
  };

  it('count as the worst score, are told, and are not scored again', async () => {
    const strategy = { name: 'counting', make: () => diverging(['c']) };
    await planIn('diverged candidate');
    const result = await search(given, options('diverged candidate', { resume: true, strategy }));
    expect(result.searches.map(({ diverged }) => diverged)).toEqual([1, 1]);
    // 'c' would have been the best.
    expect(result.searches.map(({ policy }) => policy)).toEqual([policyOf(0.3), policyOf(0.3)]);
    expect(result.notes.toSorted()).toEqual([
      ...[1, 2].map(
        (nth) =>
          `search ${nth}: 1 of 3 short trainings diverged and count as the worst: 'c' (train: the loss is NaN at step 3)`,
      ),
      SAME,
    ]);
    asked = [];
    const again = await search(given, options('diverged candidate', { resume: true, strategy }));
    expect(asked).toEqual([]);
    expect(again.searches.map(({ diverged }) => diverged)).toEqual([1, 1]);
  });

  it('are an error where all candidates diverge', async () => {
    await planIn('diverged search');
    const strategy = { name: 'counting', make: () => diverging(['a', 'b', 'c']) };
    await expect(search(given, options('diverged search', { resume: true, strategy }))).rejects.toThrow(
      /search \d: all 3 short trainings diverged \(train: the loss is NaN at step 3\); lower trial\.learningRate/,
    );
  });

  it('leave their arm without figures, and nothing is concluded', async () => {
    const wild = { ...given, trial: { ...given.trial, learningRate: 1e30 } };
    const first = await search(wild, options('diverged arms'));
    expect(first.arms.flatMap(({ runs }) => runs.map(({ accuracy }) => accuracy))).toEqual(
      Array(10).fill(Number.NaN),
    );
    expect(first.worth).toEqual([]);
    const notes = first.notes.join('\n');
    expect(notes).toMatch(
      /search 1: what each op is worth is not known, for the training of the classifier div/,
    );
    expect(notes).toMatch(/found: 2 of 2 trainings diverged and have no figures \(train: .*\)/);
    expect(notes).toMatch(/mirrored: 2 of 2 trainings diverged/);
    const { summary } = findingsOf(first, { space: given.space });
    expect(summary.verdict).toBe('unknown');
    expect(summary.diverged).toContainEqual({ arm: 'found', trainings: 2 });
    const again = await search(wild, options('diverged arms', { resume: true }));
    expect(timeless(again)).toEqual(timeless(first));
  });
});

describe('two processes', () => {
  it('do not search in one folder, and who loses the folder writes no result', async () => {
    await planIn('locked');
    let second: unknown;
    const lines: string[] = [];
    const first = search(
      given,
      options('locked', {
        resume: true,
        log: (line) => lines.push(line),
        status(line) {
          if (!line.startsWith('training 2 ') || second) return;
          second = 'asked';
          expect(() => lockFolder(join(root, 'locked'), 'search')).toThrow(
            /expected .*locked for this process alone but this process \(\d+\) \(search\) since/,
          );
          for (const name of readdirSync(join(root, 'locked')))
            if (name.startsWith('.rxaug-lock')) rmSync(join(root, 'locked', name));
        },
      }),
    );
    await expect(first).rejects.toThrow(
      /locked: expected to be the only one who writes there but the lock was removed; end the other process/,
    );
    expect(second).toBe('asked');
    expect(existsSync(join(root, 'locked', 'result.json'))).toBe(false);
    expect(timeless(await search(given, options('locked', { resume: true }))).arms).toHaveLength(4);
    expect(readdirSync(join(root, 'locked')).filter((name) => name.startsWith('.rxaug-lock'))).toEqual([]);
  });
});

describe('bad input is refused before anything is trained', () => {
  const refused = async (changes: Partial<SearchProblem>, more: Partial<SearchOptions> = {}) => {
    const out = `refused ${Math.random()}`;
    const error = await search({ ...given, ...changes }, options(out, more)).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(existsSync(join(root, out, 'plan.json'))).toBe(false);
    expect(existsSync(join(root, out, 'trials'))).toBe(false);
    return (error as Error).message;
  };

  it('no op left in the space', async () => {
    expect(await refused({ space: toySpace({ ops: [] }) })).toBe(
      'search: space: expected at least one op but none is left; allow an op',
    );
  });

  it('no op that takes the channels', async () => {
    const [first] = toySpace().ops;
    const space = toySpace({ ops: [{ ...first, channels: [1] } as never] });
    expect(await refused({ space })).toMatch(
      /no op is left for images of 3 channels: 'rotate' does not take them/,
    );
  });

  it('a budget too small for the trainings', async () => {
    expect(await refused({}, { budget: 1 })).toMatch(
      /^search: --budget: expected at least .* for 2 searches and 2 trainings of each of 4 arms, .* each, but received 1\.0 s; raise it/,
    );
  });

  it.each([
    [[], /^search: controls: expected at least one but there is none; name one/],
    [{}, /^search: controls: expected at least one but there is none; name one/],
    [['nothing', 'cropflip'], /^search: controls: unknown control 'cropflip'; did you mean 'crop\+flip'\?$/],
    [
      ['uniform', 'nothing', 'uniform'],
      /^search: controls: 'uniform' is there twice; name each control once$/,
    ],
  ])('controls %j', async (controls, message) => {
    expect(await refused({ controls: controls as never })).toMatch(message);
  });

  it('a control with the name of what is found', async () => {
    expect(await refused({ controls: { found: [] } })).toBe(
      "search: controls: 'found' is the name of what is found; rename the control",
    );
  });

  it('data that cannot be searched', async () => {
    expect(await refused({ train: made({ count: 6 }) })).toMatch(
      /at least a batch of 8 images but there are 6/,
    );
  });
});

describe('a strategy of one’s own', () => {
  const broken = (changes: Partial<Strategy>) =>
    search(
      given,
      options(`broken ${Math.random()}`, {
        strategy: { name: 'broken', make: () => ({ ...counting(), ...changes }) },
      }),
    );

  it('may not name candidates alike, nor as no file can be', async () => {
    await expect(broken({ propose: () => [candidate('a', 0.1), candidate('a', 0.2)] })).rejects.toThrow(
      "strategy: 'a' was proposed twice; give each candidate a name of its own",
    );
    await expect(broken({ propose: () => [candidate('../a', 0.1)] })).rejects.toThrow(
      "strategy: expected names of candidates of letters, digits, '-', '_' and '.' but received '../a'; rename it",
    );
  });

  it('must score by numbers', async () => {
    await expect(broken({ score: async () => 'good' as never })).rejects.toThrow(
      "search: score of 'a': expected a number but received 'good'",
    );
  });
});
