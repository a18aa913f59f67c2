/** Scorers on glyphs whose class is their handedness: an op that mirrors them must score below one that does not. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { problemData } from '../../../src/search/data/splits.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import { densityScorer } from '../../../src/search/scorers/density.js';
import { trainingScorer } from '../../../src/search/scorers/training.js';
import { mixupStage } from '../../../src/search/space/batch-stage.js';
import { density } from '../../../src/search/strategies/density.js';
import type { Scored, StrategyContext } from '../../../src/search/strategies/strategy.js';
import { handed } from './handed.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-scorers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const problem = handed();
const data = problemData(problem, { seed: 0 });

const contextIn = async (dir: string, more: Partial<StrategyContext> = {}): Promise<StrategyContext> => ({
  problem,
  data: await data,
  seed: 3,
  seconds: 60,
  secondsAlone: 60,
  cost: {
    secondsPerImageEpoch: 0.001,
    secondsPerTrial: 0.5,
    secondsPerForward: 0.0002,
    searchImages: 96,
    validationImages: 64,
  },
  dir: join(root, dir),
  signal: new AbortController().signal,
  backend: 'wasm',
  progress: () => {},
  ...more,
});

const one = (setting: Omit<OpSetting, 'weight'>): PolicySetting => ({
  subPolicies: [{ weight: 1, stages: [[{ weight: 1, ...setting }]] }],
});
const flips = (p: number) => one({ op: 'flip', p });
const light = one({ op: 'brightness', p: 1, low: 0.7, high: 1.4 });
const nothing = one({ op: 'flip', p: 0 });

describe('densityScorer of stages of batches', () => {
  it('is less the divergence from the mixed targets: as without a stage where it never acts, at most 0 where it does', async () => {
    const score = densityScorer({ draws: 2 });
    const space = { ...problem.space, batchStages: [mixupStage()] };
    const context = await contextIn('mixed', { problem: { ...problem, space } });
    const of = (name: string, batchStages: PolicySetting['batchStages']) =>
      score({ name, policy: { ...nothing, batchStages } }, context);
    const plain = await of('plain', undefined);
    expect(await of('never', [{ stage: 'mixup', share: 0, strength: 1 }])).toBe(plain);
    const mixed = await of('mixed', [{ stage: 'mixup', share: 1, strength: 1 }]);
    expect(mixed).toBeLessThanOrEqual(0);
    expect(mixed).not.toBe(plain);
  });
});

describe('densityScorer', () => {
  const score = densityScorer({ draws: 4 });
  const of = async (name: string, policy: PolicySetting) =>
    score({ name, policy }, await contextIn('density'));

  it('ranks an op that turns a class into the other below one that does not', async () => {
    const [mirrored, half, lit, same] = [
      await of('flip', flips(1)),
      await of('half', flips(0.5)),
      await of('light', light),
      await of('same', nothing),
    ];
    expect(same).toBeLessThanOrEqual(0);
    expect(lit).toBeGreaterThan(mirrored + 1);
    expect(lit).toBeGreaterThan(half + 0.5);
    // The mean over images and draws: the easiest draw of each image would score like no flip at all.
    expect(Math.abs(half - (mirrored + same) / 2)).toBeLessThan(0.2 * (same - mirrored));
  });

  it('gives the same score again, from the classifier that is kept', async () => {
    const first = await of('again', light);
    expect(await of('again', light)).toBe(first);
    const file = join(root, 'density', 'classifier', 'last.ckpt');
    const trained = statSync(file).mtimeMs;
    expect(
      await densityScorer({ draws: 4 })({ name: 'again', policy: light }, await contextIn('density')),
    ).toBe(first);
    expect(statSync(file).mtimeMs).toBe(trained);
  });

  it('tells what it costs: a training that takes a third at most, and forward passes', async () => {
    const context = await contextIn('cost');
    expect(score.seconds!({}, context)).toBeCloseTo(4 * 64 * 0.0002, 9);
    expect(score.setup!(context)).toBeCloseTo(0.5 + 8 * 0.096, 9);
    const short = await contextIn('cost', { seconds: 3 });
    expect(score.setup!(short)).toBeCloseTo(0.5 + 5 * 0.096, 9);
  });

  it('stops by the signal, before and while the classifier is trained', async () => {
    const stop = new AbortController();
    const context = await contextIn('stopped', {
      signal: stop.signal,
      progress: () => stop.abort(new Error('enough')),
    });
    await expect(densityScorer()({ name: 'a', policy: light }, context)).rejects.toThrow('enough');
    await expect(densityScorer()({ name: 'a', policy: light }, context)).rejects.toThrow('enough');
    // And goes on when it is asked again.
    expect(await densityScorer()({ name: 'a', policy: light }, await contextIn('stopped'))).toBeLessThan(0);
  });

  it('finds a policy without mirrors, as a strategy', async () => {
    const context = await contextIn('strategy');
    const strategy = density({ candidates: 30 });
    const history: Scored[] = [];
    for (;;) {
      const candidates = await strategy.propose(history, context);
      if (candidates.length === 0) break;
      for (const candidate of candidates)
        history.push({ ...candidate, score: await strategy.score(candidate, context) });
    }
    expect(history).toHaveLength(30);
    const { subPolicies } = await strategy.conclude(history, context);
    expect(subPolicies).toHaveLength(3);
    expect(subPolicies.flatMap(({ stages }) => stages.flat()).map(({ op }) => op)).toEqual(
      Array(3).fill('brightness'),
    );
  });
});

describe('trainingScorer', () => {
  const score = trainingScorer();

  it('ranks an op that turns a class into the other below one that does not', async () => {
    const context = await contextIn('training');
    const lit = await score({ name: 'light', policy: light, epochs: 8 }, context);
    const mirrored = await score({ name: 'flip', policy: flips(0.5), epochs: 8 }, context);
    expect(lit).toBeGreaterThan(0.9);
    expect(mirrored).toBeLessThan(lit - 0.15);
    expect(existsSync(join(root, 'training', 'light', 'last.ckpt'))).toBe(true);
  });

  it('gives equal policies of a pair equal scores', async () => {
    const context = await contextIn('pairs');
    const scores = await Promise.all(
      [
        { name: 'a', pair: 1 },
        { name: 'b', pair: 1 },
      ].map((own) => score({ ...own, policy: light, epochs: 1 }, context)),
    );
    expect(scores[0]).toBe(scores[1]);
  });

  it('tells what it costs, and stops by the signal', async () => {
    const stop = new AbortController();
    const context = await contextIn('cut', {
      signal: stop.signal,
      progress: () => stop.abort(new Error('enough')),
    });
    expect(score.seconds!({ epochs: 5 }, context)).toBeCloseTo(0.5 + 5 * 0.096, 9);
    expect(score.seconds!({}, context)).toBeCloseTo(0.5 + 8 * 0.096, 9);
    await expect(score({ name: 'a', policy: light, epochs: 4 }, context)).rejects.toThrow('enough');
  });
});

it('images of one channel are scored too', async () => {
  const gray = handed(1);
  const context = await contextIn('gray', { problem: gray, data: await problemData(gray, { seed: 0 }) });
  const score = densityScorer();
  const mirrored = await score({ name: 'flip', policy: flips(1) }, context);
  expect(await score({ name: 'light', policy: light }, context)).toBeGreaterThan(mirrored + 1);
});
