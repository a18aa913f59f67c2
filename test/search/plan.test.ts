import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { horizontalFlip, padCrop, rotate } from '../../src/augment/index.js';
import { problemData } from '../../src/search/data/splits.js';
import { checkSame, identityOf, type Plan, readPlan, writePlan } from '../../src/search/plan.js';
import type { SearchProblem } from '../../src/search/problem.js';
import { cnn } from '../../src/train/models/index.js';
import { made, problem } from './data/make.js';
import { toySpace as made_ } from './strategies/toy-space.js';

const toySpace = made_();
const root = mkdtempSync(join(tmpdir(), 'rxaug-plan-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const options = {
  pipeline: 'p',
  strategy: 'random',
  strategyOptions: { candidates: 8 } as Readonly<Record<string, unknown>>,
  seed: 0,
  budget: 60,
  settings: { data: 'x', epochs: 2 },
};
const identity = async (changes: Partial<SearchProblem> = {}, more: Partial<typeof options> = {}) => {
  const given = problem({ space: toySpace, ...changes });
  const all = { ...options, ...more };
  return identityOf(given, await problemData(given, all), all);
};
const plan = async (): Promise<Omit<Plan, 'sha256'>> => ({
  identity: await identity(),
  cost: {
    secondsPerImageEpoch: 0.001,
    secondsPerTrial: 1,
    secondsPerForward: 0,
    searchImages: 24,
    validationImages: 16,
  },
  ...{ workers: 2, searches: 2, pairs: 3, most: 30 },
  ...{ elapsed: 1, searchSeconds: 10, worthSeconds: 1, roundSeconds: 5 },
});

describe('a plan', () => {
  it('is read as it was written, and refused once it was changed', async () => {
    const file = join(root, 'plan.json');
    expect(readPlan(file)).toBeUndefined();
    const written = writePlan(file, await plan());
    expect(readPlan(file)).toEqual(written);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"pairs": 3', '"pairs": 4'));
    expect(() => readPlan(file)).toThrow(
      `${file}: was changed after it was written; search into another folder`,
    );
    writeFileSync(file, text.slice(0, 100));
    expect(() => readPlan(file)).toThrow(
      /plan\.json: cannot be read as a plan \(.*\); search into another folder/,
    );
    writeFileSync(file, '{"pairs": 3}');
    expect(() => readPlan(file)).toThrow(
      'plan.json: is not the plan of a search; search into another folder',
    );
  });

  it('is that of the same search, whatever process works it out', async () => {
    const [one, same] = [await identity(), await identity()];
    expect(same).toEqual(one);
    expect(() => checkSame('plan.json', one, same)).not.toThrow();
  });

  const [first, ...ops] = toySpace.ops;
  const others: readonly [string, Promise<Plan['identity']>, RegExp][] = [
    ['seed', identity({}, { seed: 1 }), / with seed 0, not 1; /],
    [
      'an option of the strategy',
      identity({}, { strategyOptions: { candidates: 9 } }),
      / with strategyOptions\.candidates 8, not 9; /,
    ],
    ['strategy', identity({}, { strategy: 'tpe' }), / with strategy 'random', not 'tpe'; /],
    ['budget', identity({}, { budget: 61 }), / with budget 60, not 61; /],
    ['setting', identity({}, { settings: { data: 'x', epochs: 3 } }), / with settings\.epochs 2, not 3; /],
    ['space', identity({ space: { ...toySpace, ops } }), / with space\.ops\.rotate \{.*\}, not undefined; /],
    [
      'shape of the policy',
      identity({ space: { ...toySpace, stages: 3 } }),
      / with space\.stages \d, not 3; /,
    ],
    [
      'bounds',
      identity({
        space: {
          ...toySpace,
          ops: [{ ...first, magnitude: { low: 0, high: 1, neutral: 0, unit: 'x' } }, ...ops],
        } as never,
      }),
      / with space\.ops\.rotate\.low -30, not 0; /,
    ],
    ['training images', identity({ train: made({ count: 40, from: 1 }) }), / with data\.train\.sha256 '/],
    ['number of images', identity({ train: made({ count: 42 }) }), / with data\.train\.images 40, not 42; /],
    ['test images', identity({ test: made({ count: 10, from: 2000 }) }), / with data\.test\.sha256 '/],
    [
      'heldOut images',
      identity({ heldOut: made({ count: 10, from: 3000 }) }),
      / with data\.search\.images 24, not 32; /,
    ],
    [
      'model',
      identity({ trial: { ...problem().trial, model: cnn({ filters: [8] }) } }),
      / with trial\.model\.filters /,
    ],
    ['base', identity({ base: [padCrop(2)] }), / with base \[\], not \[\{"op":"padCrop"/],
    [
      'standard controls',
      identity({ controls: ['uniform', 'nothing'] }),
      / with controls \[.*, not \["nothing","uniform"\]; /,
    ],
    ['controls', identity({ controls: { mine: [rotate(5), horizontalFlip()] } }), / with controls /],
  ];
  it.each(others)('of another %s is refused by name', async (_, other, message) => {
    const [one, is] = [await identity(), await other];
    expect(() => checkSame('out/plan.json', one, is)).toThrow(/^out\/plan\.json: belongs to a search with /);
    expect(() => checkSame('out/plan.json', one, is)).toThrow(message);
    expect(() => checkSame('out/plan.json', one, is)).toThrow(/use the same, or search into another folder$/);
  });
});
