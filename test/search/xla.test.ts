/** Tasks of a search on the backend 'xla', which computes training steps only. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { critic } from '../../src/search/critic/strategy.js';
import { type ProblemData, problemData } from '../../src/search/data/splits.js';
import { densityScorer } from '../../src/search/scorers/density.js';
import { trainingScorer } from '../../src/search/scorers/training.js';
import type { StrategyContext } from '../../src/search/strategies/strategy.js';
import { type Versions, workOf } from '../../src/search/tasks.js';
import { measureSpeed } from '../../src/search/trial/measure.js';
import { onXla } from '../train/on-xla.js';
import { handed } from './scorers/handed.js';

onXla('a search on XLA', () => {
  const root = mkdtempSync(join(tmpdir(), 'rxaug-search-xla-'));
  const problem = handed();
  let data: ProblemData;
  beforeAll(async () => {
    data = await problemData(problem, { seed: 1 });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const contextIn = (dir: string, on: 'xla' | 'tensorflow' | 'wasm' = 'xla') =>
    ({
      ...{ problem, data, seed: 3, seconds: 60, secondsAlone: 60, dir: join(root, dir), backend: on },
      cost: {
        ...{ secondsPerImageEpoch: 1e-3, secondsPerTrial: 0.5, secondsPerForward: 2e-4 },
        ...{ searchImages: 96, validationImages: 64 },
      },
      signal: new AbortController().signal,
      progress: () => {},
    }) satisfies StrategyContext;
  const policy = { subPolicies: [{ weight: 1, stages: [[{ weight: 1, op: 'flip', p: 0 }]] }] };

  it('tells the versions of the backend and of the one beside it, which runs the steps of a critic', async () => {
    const versionsOn = (backend: 'xla' | 'tensorflow' | 'wasm') =>
      workOf({ problem, data, strategy: critic(), seed: 1, backend })(
        { kind: 'versions' },
        { signal: new AbortController().signal, progress: () => {} },
      ) as Promise<Versions>;
    const here = await versionsOn('xla');
    const eager = tf.getBackend() as 'wasm';
    const alone = await versionsOn(eager);
    expect(here).toEqual({ ...alone, backend: expect.stringMatching(/^xla ./), beside: alone.backend });
    expect(here.beside).toMatch(new RegExp(`^${eager} \\d`));
    expect(alone).not.toHaveProperty('beside');
  }, 60_000);

  it('measures', async () => {
    const signal = new AbortController().signal;
    const speed = await measureSpeed(
      problem,
      data.search,
      { operators: [], stages: [] },
      { signal, backend: 'xla' },
    );
    expect(speed.backend).toMatch(/^xla \(/);
    expect(speed.secondsPerImageEpoch).toBeGreaterThan(0);
    expect(speed.secondsPerForward).toBeGreaterThan(0);
  }, 60_000);

  it('scores by short trainings and by density as other backends do', async () => {
    for (const [name, scorer] of Object.entries({
      short: trainingScorer(),
      dense: densityScorer({ epochs: 2 }),
    })) {
      const candidate = { name: 'one', policy, epochs: 2 };
      const here = await scorer(candidate, contextIn(name));
      const eager = tf.getBackend() as 'wasm';
      const there = await scorer(candidate, contextIn(`${name}-beside`, eager));
      expect(Math.abs(here - there), `${name}: ${here} and ${there}`).toBeLessThan(0.05);
    }
  }, 120_000);

  it('learns under a critic on the backend beside it, and says so', async () => {
    const strategy = critic({ width: 8, batch: 16, warmup: 2, steps: 12 });
    const context = contextIn('critic');
    const found = await strategy.conclude([], context);
    const account = await strategy.account?.([], context);
    const eager = tf.getBackend() as 'wasm';
    expect(account?.notes).toEqual([
      `a search by a critic reads what its policy drew, so XLA cannot compile its steps: they ran on '${eager}' instead`,
    ]);
    const beside = contextIn('critic-beside', eager);
    expect(await strategy.conclude([], beside)).toEqual(found);
    expect((await strategy.account?.([], beside))?.notes).toBeUndefined();
  }, 120_000);
});
