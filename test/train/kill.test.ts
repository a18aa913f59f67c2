/** A process that saves without pause is killed at any moment: what is on disk is always a whole checkpoint. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Draws, keyOf } from '../../src/core/index.js';
import { loadCheckpoint } from '../../src/train/index.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { useBackend } from './golden.js';

const source = `
  import * as tf from '@tensorflow/tfjs-core';
  import { saveCheckpoint } from './src/train/state/checkpoint.js';
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  for (let step = 0; ; step++) {
    const state = { params: { a: tf.fill([500000], step) }, stats: {}, slots: { b: tf.scalar(step) } };
    await saveCheckpoint(process.argv[2], state, {
      identity: {}, look: { input: [1], classes: ['a'] }, seed: 0, step, learningRate: 0,
      position: { epoch: 0, batch: step }, totals: { samples: 0, sums: {} }, last: {},
    });
    tf.dispose([state.params, state.slots]);
    if (step === 1) console.log('saving');
  }`;

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the project, so that packages are found from there.
const script = path.join(root, 'node_modules', '.cache', `rxaug-kill-${process.pid}.mjs`);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-kill-'));
  await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    outfile: script,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
  await useBackend('cpu');
});
afterAll(() => Promise.all([rm(dir, { recursive: true, force: true }), rm(script, { force: true })]));

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.once('data', () => resolve());
    child.stderr?.on('data', (text) => {
      said += text;
    });
    child.once('exit', (code) => reject(new Error(`the script ended with ${code}: ${said}`)));
  });
}

test('a training killed six times has a valid checkpoint each time', async () => {
  const file = path.join(dir, 'last.ckpt');
  const draws = new Draws(keyOf(1));
  const steps: number[] = [];
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    await started(child);
    await new Promise((resolve) => setTimeout(resolve, draws.uniform(0, 120)));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const { step, state } = await loadCheckpoint(file);
    const values = state.params.a.dataSync();
    expect(values.length).toBe(500_000);
    expect(values.every((v) => v === step)).toBe(true);
    disposeState(state);
    steps.push(step);
  }
  expect(Math.max(...steps)).toBeGreaterThan(0);
  // What a kill leaves behind is a temporary file, never a damaged checkpoint.
  for (const name of await readdir(dir))
    expect(name).toMatch(/^last\.ckpt(\.rxaug-[0-9a-f]{8}-\d+-[0-9a-f]{8}\.tmp)?$/);
});
