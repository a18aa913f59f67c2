/** The trainer on real streams: samples drawn, rendered and mixed by the stream room. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cutout, horizontalFlip, normalize, padCrop } from '../../src/augment/index.js';
import type { EpochEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import { Draws, keyOf } from '../../src/core/index.js';
import { arrays, batch, epochs, mixup } from '../../src/stream/index.js';
import { cnn, cosineDecay, type TrainOptions, train } from '../../src/train/index.js';

const SIDE = 12;

/** 60 images of noise in three tints. */
function tints() {
  const draws = new Draws(keyOf(11));
  const images = new Uint8Array(60 * SIDE * SIDE * 3);
  const labels = Array.from({ length: 60 }, (_, i) => i % 3);
  labels.forEach((label, i) => {
    for (let p = 0; p < SIDE * SIDE * 3; p++) {
      images[i * SIDE * SIDE * 3 + p] = draws.int(180) + (p % 3 === label ? 70 : 0);
    }
  });
  return { images, labels, width: SIDE, height: SIDE, classes: ['red', 'green', 'blue'] };
}

const stream = (workers: number) =>
  arrays(tints(), { seed: 5, shuffle: true }).pipe(
    horizontalFlip(),
    padCrop(1),
    cutout(2),
    normalize({ mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] }),
    batch(16, { workers }),
    mixup({ alpha: 0.2 }),
  );
const plain = () =>
  arrays(tints()).pipe(normalize({ mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] }), batch(25, { workers: 0 }));

const collect = (
  options: Partial<TrainOptions>,
  workers = 0,
  onEvent: (event: TrainEvent) => void = () => {},
) =>
  new Promise<TrainEvent[]>((resolve, reject) => {
    const events: TrainEvent[] = [];
    train(stream(workers), {
      model: cnn({ filters: [8, 16], dropout: 0.1 }),
      learningRate: cosineDecay(0.05, { warmup: 0.1 }),
      epochs: 5,
      weightDecay: 1e-3,
      labelSmoothing: 0.1,
      seed: 2,
      validation: plain,
      trainEvaluation: plain(),
      ...options,
    }).subscribe({
      next: (event) => {
        events.push(event);
        onEvent(event);
      },
      error: reject,
      complete: () => resolve(events),
    });
  });

const steps = (events: TrainEvent[]) => events.filter((e): e is StepEvent => e.kind === 'step');
const losses = (events: TrainEvent[]) => steps(events).map((e) => e.metrics.loss);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-stream-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('learns from augmented, mixed batches; stopping and resuming in the middle of an epoch changes no loss', async () => {
  const whole = await collect({});
  expect(steps(whole).map((e) => [e.epoch, e.batch, e.size])).toEqual(
    Array.from({ length: 20 }, (_, i) => [Math.floor(i / 4), i % 4, i % 4 === 3 ? 12 : 16]),
  );
  const last = whole.filter((e): e is EpochEvent => e.kind === 'epoch').at(-1) as EpochEvent;
  expect(last.validation?.accuracy).toBeGreaterThan(0.9);
  expect(last.clean).toEqual(last.validation);
  expect(last.gap).toBe(0);
  // Mixed labels keep the training accuracy down, which is why the gap takes the clean images.
  expect(last.train.loss).toBeGreaterThan(last.clean?.loss as number);

  const stop = new AbortController();
  const first = await collect({ checkpoint: { dir }, signal: stop.signal }, 0, (event) => {
    if (event.kind === 'step' && event.step === 10) stop.abort();
  });
  const second = await collect({ checkpoint: { dir }, resume: true });
  expect(losses(first).length).toBe(10);
  expect([...losses(first), ...losses(second)]).toEqual(losses(whole));
});

test('worker threads feed the trainer the same batches, and all memory is given back', async () => {
  const before = tf.memory().numTensors;
  const [inline, threaded] = [await collect({ epochs: 2 }), await collect({ epochs: 2 }, 2)];
  expect(losses(threaded)).toEqual(losses(inline));
  expect(tf.memory().numTensors).toBe(before);
});

test('epochs of the trainer and of the stream are one thing', async () => {
  const bare = (n: number) => arrays(tints(), { seed: 5, epochs: n }).pipe(batch(20, { workers: 0 }));
  const run = (source: ReturnType<typeof bare>, more: Partial<TrainOptions> = {}) =>
    new Promise<number[]>((resolve, reject) => {
      const progress: number[] = [];
      train(source, { model: cnn({ filters: [4] }), learningRate: 0.01, ...more }).subscribe({
        next: (event) => event.kind === 'step' && progress.push(event.progress),
        error: reject,
        complete: () => resolve(progress),
      });
    });
  const two = await run(bare(2));
  expect(two.length).toBe(6);
  expect(await run(bare(1), { epochs: 2 })).toEqual(two);
  expect(await run(bare(1).pipe(epochs(2)) as ReturnType<typeof bare>)).toEqual(two);
});
