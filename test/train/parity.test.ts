/**
 * Whole trainings through `train()`, beside the same trainings in PyTorch (test/golden/train/parity.py): the same first
 * weights, the same 100 batches, and losses within 1e-3 of PyTorch's at every step. The first weights come in by a
 * checkpoint, as a user's would.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, test } from 'vitest';
import {
  adam,
  adamw,
  classification,
  cosineDecay,
  resnet,
  saveCheckpoint,
  sgd,
  type TrainOptions,
  train,
} from '../../src/train/index.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { fakeBatches } from './batches.js';
import { golden, onEveryBackend, useBackend } from './golden.js';

const [SIZE, SIDE, CLASSES] = [16, 8, 5];
const model = resnet(8, { width: 4 });
const dir = mkdtempSync(join(tmpdir(), 'rxaug-parity-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** n numbers in [−1, 1): the hash of parity.py. */
function noise(n: number, seed: number): Float32Array {
  const start = Math.imul(seed, 0x9e3779b9) >>> 0;
  return Float32Array.from({ length: n }, (_, i) => {
    let h = (start + i) >>> 0;
    for (let round = 0; round < 2; round++) h = Math.imul(h ^ (h >>> 16), 0x45d9f3b) >>> 0;
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

const pixels = SIDE * SIDE * 3;
const batches$ = () =>
  fakeBatches({
    size: SIZE,
    perEpoch: 20,
    epochs: 5,
    side: SIDE,
    classes: CLASSES,
    change(batch) {
      const step = 20 * batch.epoch + batch.index;
      const images = batch.images as Float32Array;
      images.set(noise(SIZE * pixels, 1000 + step));
      for (let i = 0; i < SIZE; i++) {
        batch.labels[i] = (7 * i + 3 * step + i * i) % CLASSES;
        noise(pixels, 500 + batch.labels[i]).forEach((value, p) => {
          images[i * pixels + p] += 0.5 * value;
        });
      }
      return batch;
    },
  }).batches$;

const recipes: Record<string, Partial<TrainOptions>> = {
  'sgd, l2': { optimizer: sgd(), l2: 5e-4 },
  'sgd, weightDecay': { optimizer: sgd(), weightDecay: 5e-3 },
  'adam, l2': { optimizer: adam(), l2: 5e-4 },
  'adamw, weightDecay': { optimizer: adamw(), weightDecay: 0.05 },
};

/** A checkpoint of step 0 that holds parity.py's weights. */
async function firstWeights(name: string): Promise<string> {
  const classes = Array.from({ length: CLASSES }, (_, i) => `class${i}`);
  const look = { input: [SIDE, SIDE, 3], classes };
  const optimizer = recipes[name].optimizer as ReturnType<typeof sgd>;
  const task = classification({ model, optimizer })(look);
  const made = task.init({ a: 0, b: 0 });
  const params = Object.fromEntries(
    task.network.params.map(({ name: path, kind, shape, fanIn }, i) => {
      const gain = path === 'head/kernel' ? 3 : 6;
      const scale = Math.sqrt(gain / fanIn);
      const size = shape.reduce((product, side) => product * side, 1);
      const values = noise(size, i + 1).map((value) => value * scale);
      return [path, kind === 'kernel' ? tf.tensor(values, [...shape]) : made.params[path].clone()];
    }),
  );
  const file = join(dir, `${name}.ckpt`);
  const state = { ...made, params };
  await saveCheckpoint(file, state, {
    identity: task.identity,
    look,
    seed: 0,
    step: 0,
    learningRate: 0,
    position: { epoch: 0, batch: 0 },
    totals: { samples: 0, sums: {} },
    last: {},
  });
  disposeState({ ...made, slots: {}, stats: {} });
  disposeState(state);
  return file;
}

interface Run {
  readonly name: string;
  readonly learningRate: number;
  readonly losses: readonly number[];
}

onEveryBackend(
  'on %s',
  (backend) => {
    test.each(golden<Run[]>('parity.json').map((run) => [run.name, run] as const))(
      'losses of %s, step by step, are within 1e-3 of those of PyTorch',
      async (name, { learningRate, losses: wanted }) => {
        await useBackend(backend);
        const resume = await firstWeights(name);
        const before = tf.memory().numTensors;
        const losses: number[] = [];
        // In software a GPU is slow; and its own rounding turns a relu about step 45, from where on the ways part.
        const steps = backend === 'webgpu' ? 40 : 100;
        const stop = new AbortController();
        await train(batches$(), {
          ...recipes[name],
          model,
          backend,
          // A graph rounds in other places and turns a relu about step 90; test/train/compiled compares it with these steps.
          compile: false,
          learningRate: cosineDecay(learningRate),
          labelSmoothing: 0.1,
          resume,
          signal: stop.signal,
        }).forEach((event) => {
          if (event.kind !== 'step') return;
          losses.push(event.metrics.loss);
          if (losses.length === steps) stop.abort();
        });
        expect(losses).toHaveLength(steps);
        const apart = losses.map((loss, step) => Math.abs(loss / wanted[step] - 1));
        const worst = Math.max(...apart);
        expect(worst, `step ${apart.indexOf(worst)}`).toBeLessThan(1e-3);
        expect(wanted[99]).toBeLessThan(0.75 * wanted[0]); // it does learn, so agreement says something
        expect(tf.memory().numTensors).toBe(before);
      },
      120_000,
    );
  },
  ['tensorflow', 'webgpu', 'wasm'],
);

test('the recipes have different losses', () => {
  const [l2, decay] = golden<Run[]>('parity.json').map(({ losses }) => losses);
  expect(Math.abs(l2[99] / decay[99] - 1)).toBeGreaterThan(2e-3);
});
