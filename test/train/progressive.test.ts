/** Progressive resizing: small images first, and a model that is for large ones. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  horizontalFlip,
  normalize,
  oneOf,
  padCrop,
  progressiveResize,
  randomApply,
  type SampleOperator,
  someOf,
  staged,
} from '../../src/augment/index.js';
import type { EpochEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import { type Batch, Draws, keyOf } from '../../src/core/index.js';
import { load } from '../../src/pipeline/load.js';
import { arrays, batch, epochs, pull } from '../../src/stream/index.js';
import {
  cnn,
  dense,
  dropBlock,
  fit as fitModel,
  globalPool,
  type Model,
  mlp,
  model,
  resnet,
  sequential,
  Trained,
  type TrainOptions,
  train,
  vit,
} from '../../src/train/index.js';
import { useBackend } from './golden.js';

const SIDE = 16;
const SIZES = { sizes: [8, [12, 10], SIDE] as [number, [number, number], number], epochs: [1, 2] };

/** 24 images of noise in two tints. */
function tints() {
  const draws = new Draws(keyOf(4));
  const images = new Uint8Array(24 * SIDE * SIDE * 3);
  const labels = Array.from({ length: 24 }, (_, i) => i % 2);
  images.forEach((_, i) => {
    const label = labels[Math.floor(i / (SIDE * SIDE * 3))];
    images[i] = draws.int(180) + (i % 3 === label ? 70 : 0);
  });
  return { images, labels, width: SIDE, height: SIDE, classes: ['red', 'green'] };
}
const stream = (workers = 0) =>
  arrays(tints(), { seed: 5, shuffle: true }).pipe(
    horizontalFlip(),
    padCrop(1),
    progressiveResize(SIZES),
    normalize(),
    batch(8, { workers }),
  );
const whole = () => arrays(tints()).pipe(normalize(), batch(12, { workers: 0 }));

interface Seen {
  at: [number, number];
  size: [number, number];
  pixels: number[];
}
async function read(
  source: ReturnType<typeof stream>,
  start?: { epoch: number; batch: number },
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const batches = pull(source.pipe(epochs<Batch>(4)), { start });
  for await (const made of batches) {
    const { epoch, index, height, width, images, size, channels } = made;
    const pixels = [...images.subarray(0, size * height * width * channels)];
    seen.push({ at: [epoch, index], size: [height, width], pixels });
    made.dispose();
  }
  return seen;
}

describe('the stream', () => {
  test('has one size an epoch, whatever the workers and wherever it starts', async () => {
    const inline = await read(stream());
    expect(inline.map(({ size }) => size)).toEqual(
      [
        [8, 8],
        [12, 10],
        [SIDE, SIDE],
        [SIDE, SIDE],
      ].flatMap((size) => [size, size, size]),
    );
    expect(await read(stream(2))).toEqual(inline);
    expect(await read(stream(), { epoch: 1, batch: 2 })).toEqual(inline.slice(5));
  });

  test.each([
    [{ sizes: [8], epochs: [1] }, 'progressiveResize: sizes: expected one size more than there are epochs'],
    [{ sizes: [8, 16, 32], epochs: [4, 4] }, 'progressiveResize: epochs: expected epochs in rising order'],
    [{ sizes: [0, 8], epochs: [1] }, 'progressiveResize: sizes[0]: expected a side'],
  ])('%j is refused', (options, sentence) => {
    expect(() => progressiveResize(options)).toThrow(sentence);
  });
});

test('it cannot be chosen for some samples of a batch, and the sentence says where it goes', () => {
  const resizing = progressiveResize(SIZES) as unknown as SampleOperator;
  const fix =
    'but received function progressiveResize; only per-sample transforms can be chosen from: put it';
  expect(() => oneOf(horizontalFlip(), resizing)).toThrow(
    `oneOf: expected a transform at place 1 ${fix} before or after oneOf()`,
  );
  expect(() => someOf(1, resizing)).toThrow(`someOf: expected a transform at place 0 ${fix}`);
  expect(() => randomApply(0.5, resizing)).toThrow(`randomApply: expected a transform at place 0 ${fix}`);
  expect(() => staged([0, horizontalFlip()], [0.5, resizing])).toThrow(
    /stage 1: .* but received function progressiveResize; put other operators before or after staged\(\)/,
  );
});

describe('the trainer', () => {
  let dir: string;
  beforeEach(async () => {
    await useBackend('wasm');
    dir = await mkdtemp(path.join(tmpdir(), 'rxaug-progressive-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const base: TrainOptions = {
    model: cnn({ filters: [4, 6], dropout: 0.2 }),
    imageSize: SIDE,
    epochs: 3,
    learningRate: 0.05,
    seed: 2,
    validation: whole,
    backend: 'wasm',
  };
  const run = (more: Partial<TrainOptions> = {}) =>
    lastValueFrom(train(stream(), { ...base, ...more }).pipe(toArray()));
  const losses = (events: TrainEvent[]) =>
    events.filter((e): e is StepEvent => e.kind === 'step').map((e) => e.metrics.loss);
  const epochsOf = (events: TrainEvent[]) =>
    events
      .filter((e): e is EpochEvent => e.kind === 'epoch')
      .map(({ epoch, validation }) => ({ epoch, validation }));

  test('trains small, measures in full; a resume in the middle of a size changes no loss', async () => {
    const before = tf.memory().numTensors;
    const events = await run();
    expect(tf.memory().numTensors).toBe(before);
    expect(losses(events)).toHaveLength(9);
    expect(losses(events).every(Number.isFinite)).toBe(true);
    expect(epochsOf(events)).toHaveLength(3);
    expect(losses(await run())).toEqual(losses(events));

    const stop = new AbortController();
    const first: TrainEvent[] = [];
    await new Promise<void>((resolve, reject) =>
      train(stream(), { ...base, checkpoint: { dir }, signal: stop.signal }).subscribe({
        next: (event) => {
          first.push(event);
          if (event.kind === 'step' && event.step === 4) stop.abort();
        },
        error: reject,
        complete: resolve,
      }),
    );
    const second = await run({ checkpoint: { dir }, resume: true });
    expect(losses(first)).toHaveLength(4);
    expect([...losses(first), ...losses(second)]).toEqual(losses(events));
    expect([...epochsOf(first), ...epochsOf(second)]).toEqual(epochsOf(events));

    // What is saved is for images of full size, though it stopped in the middle of smaller ones.
    const trained = await load(path.join(dir, 'last.ckpt'), Trained);
    expect(trained.network.input).toEqual([SIDE, SIDE, 3]);
    const { metrics } = await trained.evaluate(whole());
    expect(metrics).toEqual(epochsOf(second).at(-1)?.validation);
    trained.dispose();
  });

  const narrow = (block: ReturnType<typeof dropBlock>): Model =>
    model('narrow', (units) => sequential([block, globalPool(), dense(units)]));

  test.each([
    [
      'a model with a weight for every pixel',
      { model: mlp({ hidden: [4] }) },
      "train: imageSize: expected a model whose weights fit any size of image, but 'hidden1/kernel' of mlp-4 is 768×4 for images of 16×16×3 and 192×4 for 8×8×3; use one that ends in globalPool(), such as resnet(20)",
    ],
    [
      'a model with a vector for every place',
      { model: vit({ width: 4, depth: 1, heads: 1 }) },
      "'position/table' of vit-1x4-4 is 17×4 for images of 16×16×3 and 5×4 for 8×8×3",
    ],
    [
      'a layer that small images do not suit',
      { model: narrow(dropBlock(0.1, { size: 9 })) },
      'dropBlock: expected images of at least 9 pixels a side but received [8,8,3]; use a smaller size',
    ],
    [
      'no full size',
      { imageSize: undefined },
      'train: expected images of 8×8×3 but received [12,10,3]; resize or crop them before batch(), or give imageSize to train() for progressiveResize()',
    ],
    [
      'validation of another size',
      { imageSize: 20 },
      'evaluation: expected images of 20×20×3 but received [16,16,3]; resize or crop them before batch()',
    ],
  ] as [string, Partial<TrainOptions>, string][])('%s is refused', async (_, more, sentence) => {
    await expect(run({ validation: more.imageSize === 20 ? whole : undefined, ...more })).rejects.toThrow(
      sentence,
    );
  });

  test('a teacher that cannot take other sizes is refused', async () => {
    const own = { epochs: 1, backend: 'wasm', learningRate: 0.01 } as const;
    const teachers = [resnet(8, { width: 2 }), mlp({ hidden: [3] })];
    const [convolutional, dense] = await Promise.all(
      teachers.map((teacher) => fitModel(whole(), { ...own, model: teacher })),
    );
    expect(losses(await run({ distill: { teacher: convolutional } }))).toHaveLength(9);
    await expect(run({ distill: { teacher: dense } })).rejects.toThrow(
      "distill: imageSize: expected a model whose weights fit any size of image, but 'hidden1/kernel' of mlp-3",
    );
    convolutional.dispose();
    dense.dispose();
  });
});
