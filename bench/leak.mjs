#!/usr/bin/env node
/**
 * Thousands of steps with every regularizer on a tiny network: no tensor may stay behind, and resident memory must be
 * flat. Batches come from the stream with its workers; each epoch is measured and saved.
 *
 *   node bench/leak.mjs [--steps 5000] [--backend auto] [--every 250]
 *
 * JSON on stdout, one line a measurement on stderr. Exit code 1 when a tensor stayed or memory grew.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { optionsOf, wholeNumber } from './lib/options.mjs';
import { rxaug } from './lib/rxaug.mjs';

/** Growth in MB for 1,000 steps, over the second half, that counts as flat. */
const FLAT = 2;
const STEPS_PER_EPOCH = 50;

const { steps, every, backend } = optionsOf('node bench/leak.mjs [--steps N] [--backend NAME] [--every N]', {
  steps: { default: '5000', read: wholeNumber },
  backend: { default: 'auto' },
  every: { default: '250', read: wholeNumber },
});
const SIDE = 8;
const BATCH = 8;
const made = (count) => ({
  images: Uint8Array.from({ length: count * SIDE * SIDE * 3 }, (_, i) => (i * 7919 + (i >> 6) * 31) % 256),
  labels: Array.from({ length: count }, (_, i) => i % 4),
  width: SIDE,
  height: SIDE,
  classes: ['a', 'b', 'c', 'd'],
});
const count = BATCH * STEPS_PER_EPOCH;
const { arrays, batch, cutout, horizontalFlip, mixup, normalize, padCrop } = rxaug;
const plain = () => arrays(made(4 * BATCH)).pipe(normalize(), batch(BATCH));
const batches$ = arrays(made(count), { shuffle: true, epochs: Math.ceil(steps / STEPS_PER_EPOCH) }).pipe(
  horizontalFlip(),
  padCrop(2),
  normalize(),
  cutout(3),
  batch(BATCH, { workers: 1 }),
  mixup(0.2),
);
const { conv2d, batchNorm, relu, globalPool, dense, dropout, dropBlock, sequential, l1, maxNorm } = rxaug;
const model = rxaug.model('leak', (classes) =>
  sequential([
    sequential([conv2d(4, { padding: 1, bias: false, name: 'conv' }), batchNorm({ name: 'norm' }), relu()], {
      name: 'stem',
    }),
    dropBlock(0.05, { size: 3 }),
    rxaug.stochasticDepth(0.1),
    globalPool(),
    dropout(0.1),
    dense(classes, { name: 'head' }),
  ]),
);

const { name } = await rxaug.loadBackend(backend);
const before = tf.memory().numTensors;
const dir = mkdtempSync(join(tmpdir(), 'rxaug-leak-'));
const curve = [];
const start = performance.now();
const measure = (step) => {
  globalThis.gc?.();
  const point = {
    step,
    seconds: Math.round((performance.now() - start) / 1000),
    rssMB: Math.round(process.memoryUsage().rss / 1e5) / 10,
    tensors: tf.memory().numTensors - before,
  };
  curve.push(point);
  process.stderr.write(`${JSON.stringify(point)}\n`);
};
try {
  await rxaug
    .train(batches$, {
      model,
      learningRate: rxaug.cosineDecay(0.02, { warmup: 0.05 }),
      weightDecay: 5e-3,
      labelSmoothing: 0.1,
      confidencePenalty: 0.01,
      rDrop: 0.1,
      penalties: [l1(1e-5), maxNorm(3, { params: 'head' })],
      clipNorm: 5,
      clipValue: 1,
      adaptiveClip: { threshold: 0.1, exclude: 'head' },
      gradientNoise: { eta: 1e-4 },
      sam: 0.02,
      ema: { decay: 0.99 },
      validation: plain,
      trainEvaluation: plain,
      earlyStopping: { patience: Number.POSITIVE_INFINITY },
      checkpoint: { dir },
      backend: name,
    })
    .forEach((event) => {
      if (event.kind === 'step' && (event.step === 1 || event.step % every === 0)) measure(event.step);
    });
} finally {
  rmSync(dir, { recursive: true, force: true });
}
measure(steps);

/** Least squares over the second half, in MB for 1,000 steps. */
function growth() {
  const late = curve.slice(Math.floor(curve.length / 2), -1);
  const mean = (f) => late.reduce((total, point) => total + f(point), 0) / late.length;
  const [x, y] = [mean((p) => p.step), mean((p) => p.rssMB)];
  const variance = mean((p) => (p.step - x) ** 2);
  return variance > 0 ? (1000 * mean((p) => (p.step - x) * (p.rssMB - y))) / variance : 0;
}

const during = new Set(
  curve.filter(({ step }, i) => step > STEPS_PER_EPOCH && i < curve.length - 1).map(({ tensors }) => tensors),
);
const left = curve.at(-1).tensors;
const growthMBPer1000Steps = Math.round(100 * growth()) / 100;
// From the second epoch on the best one is held beside the current one, and their number is the same ever after.
const leaks = left > 0 || Math.max(...during) - Math.min(...during) > 0;
console.log(
  JSON.stringify({
    backend: name,
    steps,
    tensorsDuring: [...during],
    tensorsLeft: left,
    growthMBPer1000Steps,
    flat: growthMBPer1000Steps <= FLAT,
    leaks,
    curve,
  }),
);
process.exit(leaks || growthMBPer1000Steps > FLAT ? 1 : 0);
