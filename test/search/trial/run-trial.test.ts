import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  asOperator,
  horizontalFlip,
  padCrop,
  rotate,
  type SampleOperator,
} from '../../../src/augment/index.js';
import { select } from '../../../src/search/data/images.js';
import { type ProblemData, problemData } from '../../../src/search/data/splits.js';
import { pairSeed, runTrial, type Trial } from '../../../src/search/trial/run-trial.js';
import { problem } from '../data/make.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-trial-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const given = problem({ base: [padCrop(1)] });
const data: Promise<ProblemData> = problemData(given, { seed: 0 });
let folders = 0;

async function trial(changes: Partial<Trial> = {}) {
  const { search, validation } = await data;
  return runTrial({
    problem: given,
    train: search,
    evaluation: validation,
    operators: [],
    seed: 0,
    pair: 0,
    epochs: 3,
    dir: join(root, `${folders++}`),
    backend: 'wasm',
    ...changes,
  });
}

/** A transform that draws nothing and notes who asks. */
function witness() {
  const seen: string[] = [];
  const operator: SampleOperator = asOperator({
    name: 'witness',
    options: {},
    ops: [],
    draw: (key) => {
      seen.push(`${key.a} ${key.b}`);
      return [];
    },
  });
  return { seen, operator };
}

const figures = (
  { seconds: _, ...rest } = { seconds: 0 } as NonNullable<Awaited<ReturnType<typeof trial>>>,
) => rest;

describe('runTrial', () => {
  it('trains and measures the last epoch', async () => {
    const shares: number[] = [];
    const one = await trial({ epochs: 12, progress: (share) => shares.push(share) });
    expect(one?.accuracy).toBeGreaterThan(0.8); // brightness is easy
    expect(one?.trainAccuracy).toBeGreaterThan(0.8);
    expect(one?.loss).toBeGreaterThan(0);
    expect(shares).toHaveLength(12);
    expect(shares.at(-1)).toBe(1);
  });

  it('pairs arms: the same order and draws of the base for a pair, others for another', async () => {
    const [one, same, other] = [witness(), witness(), witness()];
    const a = await trial({ operators: [one.operator] });
    await trial({ operators: [same.operator, horizontalFlip()] });
    await trial({ operators: [other.operator], pair: 1 });
    expect(one.seen).toHaveLength(3 * 24);
    expect(same.seen).toEqual(one.seen);
    expect(other.seen).not.toEqual(one.seen);
    // An operator that draws nothing changes nothing: the weights and all else are those of the pair.
    expect(figures(await trial())).toEqual(figures(a));
    expect(figures(await trial({ pair: 1 }))).not.toEqual(figures(a));
    expect(pairSeed(0, 1)).not.toBe(pairSeed(1, 0));
  });

  it('ends where an image cannot be rendered: other arms would have trained on it', async () => {
    // More images than of which one bad one would be let pass.
    const { search } = await data;
    const rows = Array.from({ length: 240 }, (_, i) => i % search.ids.length);
    const all = select(search, rows);
    const train = { ...all, pixels: all.pixels.subarray(0, all.pixels.length - 1) };
    await expect(trial({ train })).rejects.toThrow(/could not be rendered|pixels|bytes/);
  });

  it('continues after a stop at any epoch with the same figures', async () => {
    const operators = [rotate(20), horizontalFlip()];
    const whole = await trial({ operators, epochs: 4 });
    for (const stopAt of [0.25, 0.5, 1]) {
      const dir = join(root, `cut-${stopAt}`);
      const stop = new AbortController();
      const cut = await trial({
        operators,
        epochs: 4,
        dir,
        signal: stop.signal,
        progress: (share) => share >= stopAt && stop.abort(),
      });
      expect(cut).toBeUndefined();
      const rest: number[] = [];
      const resumed = await trial({ operators, epochs: 4, dir, progress: (share) => rest.push(share) });
      expect(figures(resumed)).toEqual(figures(whole));
      expect(rest.length).toBeLessThan(4);
      expect(resumed?.seconds).toBeGreaterThan(0);
    }
  });
});
