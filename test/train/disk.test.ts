/** A disk that takes no checkpoint: told before training where it can be known, and else with the last good file kept. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { RxaugError } from '../../src/core/index.js';
import { gan } from '../../src/gan/index.js';
import { adam, fit, fit as fitModel, mlp } from '../../src/train/index.js';
import { colored } from '../gan/colored.js';
import { fakeBatches } from './batches.js';
import { useBackend } from './golden.js';

const disk = vi.hoisted(() => ({ free: undefined as number | undefined }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const statfsSync = (at: string) => {
    const { free } = disk;
    return free === undefined ? fs.statfsSync(at) : { blocks: 1000, bavail: free, bfree: free, bsize: 1 };
  };
  return { ...fs, statfsSync };
});

const base = mkdtempSync(path.join(tmpdir(), 'rxaug-disk-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(base, 'test-'));
});

const backend = 'cpu';
beforeAll(() => useBackend(backend));

const model = mlp({ hidden: [4] });
/** Of mlp({ hidden: [4] }) on 8×8×3 in three classes with adam's two slots of each, and its count of steps. */
const BYTES = 4 * (3 * (192 * 4 + 4 + 4 * 3 + 3) + 1);

async function failure(work: Promise<{ dispose(): void }>): Promise<Error> {
  try {
    (await work).dispose();
  } catch (error) {
    return error as Error;
  }
  return new Error('it was trained');
}

test('row 20: a folder that cannot be is refused before a batch is asked for, by classifiers and generative models', async () => {
  const file = path.join(dir, 'file');
  writeFileSync(file, '');
  const checkpoint = { dir: path.join(file, 'run') };
  const before = tf.memory().numTensors;
  const plain = fakeBatches();
  const pictures = colored({ side: 8, size: 10, perEpoch: 1 });
  for (const [work, fake] of [
    [fitModel(plain.batches$, { model, backend, checkpoint }), plain],
    [fitModel(plain.batches$, { model, backend, checkpoint, resume: true }), plain],
    [fit(pictures.batches$, { model: gan({ latent: 4, width: 4 }), backend, checkpoint }), pictures],
  ] as const) {
    const error = await failure(work);
    expect(error).toBeInstanceOf(RxaugError);
    expect(error.message).toBe(
      `${checkpoint.dir}: the folder cannot be made (a part of its path is a file, ENOTDIR); choose another place`,
    );
    expect(fake.made()).toBe(0);
  }
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  ['the first file and the one that replaces it', {}, 2],
  ['with early stopping two files and one more', { earlyStopping: {} }, 3],
] as const)('row 20: too little room is known before the first step: %s', async (_, more, files) => {
  const events: string[] = [];
  const fake = fakeBatches();
  const before = tf.memory().numTensors;
  const go = (free: number) => {
    disk.free = free;
    return fitModel(
      fake.batches$,
      {
        model,
        optimizer: adam(),
        learningRate: 1e-3,
        backend,
        checkpoint: { dir },
        validation: () => fakeBatches({ seed: 9 }).batches$,
        ...more,
      },
      ({ kind }) => events.push(kind),
    );
  };
  try {
    const error = await failure(go(files * BYTES - 1));
    expect(error).toBeInstanceOf(RxaugError);
    expect(error.message).toMatch(
      /^\S+: expected [\d.]+ MB of free space but there are [\d.]+ MB; free some space or /,
    );
    expect(events).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    expect(fake.alive()).toBe(0);
    (await go(files * BYTES)).dispose();
    expect(readdirSync(dir)).toContain('last.ckpt');
    // What is there already is only replaced, one file at a time.
    (await go(BYTES)).dispose();
    expect((await failure(go(BYTES - 1))).message).toContain('free space');
  } finally {
    disk.free = undefined;
  }
});

const SCRIPT = `
  import { fit, mlp } from './src/train/index.js';
  import { fakeBatches } from './test/train/batches.js';
  const [dir, epochs] = process.argv.slice(2);
  try {
    const options = { model: mlp({ hidden: [64] }), backend: 'cpu', checkpoint: { dir }, resume: true };
    const trained = await fit(fakeBatches({ epochs: Number(epochs) }).batches$, options);
    console.log('trained');
    trained.dispose();
  } catch (error) {
    console.log(error.name + ' ' + error.message);
  }`;
const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the project, so that packages are found from there.
const script = path.join(root, 'node_modules', '.cache', `rxaug-disk-${process.pid}.mjs`);
afterAll(() => rmSync(script, { force: true }));

/** In a process whose files may not grow beyond some blocks, which the system enforces as it does the end of a disk. */
function train(blocks: number | 'unlimited', epochs: number): Promise<string> {
  const args = [`ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, script, dir, String(epochs)];
  const child = spawn('sh', ['-c', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  return new Promise((resolve) => child.once('close', () => resolve(said)));
}

test('row 20: a save that fails later is one sentence with the way out, and the last good file is kept', async () => {
  await build({
    stdin: { contents: SCRIPT, resolveDir: root, loader: 'ts' },
    outfile: script,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
  const file = path.join(dir, 'last.ckpt');
  // 24 to 48 kB, where the file that is written to try the folder has 4 and the checkpoint has 100.
  expect(await train(48, 1)).toBe(
    `RxaugError checkpoint ${file}: cannot be written (it would be larger than a file may be, EFBIG); raise the limit (ulimit -f) or choose another disk\n`,
  );
  expect(readdirSync(dir)).toEqual([]);
  expect(await train('unlimited', 1)).toBe('trained\n');
  const good = readFileSync(file);
  expect(await train(48, 2)).toBe(
    `RxaugError checkpoint ${file}: cannot be written (it would be larger than a file may be, EFBIG); raise the limit (ulimit -f) or choose another disk, then resume from this file, which still holds the last good state\n`,
  );
  expect(readdirSync(dir)).toEqual(['last.ckpt']);
  expect(readFileSync(file).equals(good)).toBe(true);
  expect(await train('unlimited', 2)).toBe('trained\n');
  const resumed = readFileSync(file);
  rmSync(file);
  expect(await train('unlimited', 2)).toBe('trained\n');
  expect(readFileSync(file).equals(resumed)).toBe(true);
});
