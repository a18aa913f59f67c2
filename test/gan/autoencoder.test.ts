import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DoneEvent, StartEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import { keyOf, linear } from '../../src/core/index.js';
import { chooseTriplets } from '../../src/gan/autoencoder/guide.js';
import {
  Autoencoder,
  type AutoencoderModel,
  autoencoder,
  judge,
  type Pictured,
} from '../../src/gan/index.js';
import { oneHot } from '../../src/gan/part.js';
import { load } from '../../src/pipeline/load.js';
import { cnn, fit, loadBackend, Trained, type TrainOptions, train } from '../../src/train/index.js';
import { type FakeOptions, fakeBatches } from '../train/batches.js';
import { colored } from './colored.js';

const tiny = (options: Parameters<typeof autoencoder>[0] = {}) =>
  autoencoder({ latent: 6, width: 8, ...options });
const base = { seed: 3, learningRate: 3e-3 } satisfies Partial<TrainOptions<AutoencoderModel>>;
const batches = (options: FakeOptions = {}) => colored({ side: 16, ...options });

const run = (batches$: ReturnType<typeof fakeBatches>['batches$'], options: TrainOptions<AutoencoderModel>) =>
  lastValueFrom(train(batches$, options).pipe(toArray()));
const steps = (events: TrainEvent[]) => events.filter((e): e is StepEvent => e.kind === 'step');

let dir: string;
beforeAll(async () => {
  await loadBackend('auto');
});
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-gan-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('an autoencoder', () => {
  test.each([
    ['plain', {}],
    ['variational, its beta on a schedule', { variational: true, beta: linear(0, 0.1) }],
    ['conditional', { conditional: true }],
    ['guided', { guide: true }],
  ] as const)('%s: restores ever better, frees all, and is found in its checkpoint', async (_, options) => {
    const fake = batches({ perEpoch: 6 });
    const before = tf.memory().numTensors;
    const events = await run(fake.batches$, {
      ...base,
      model: tiny(options),
      epochs: 5,
      validation: batches({ seed: 9, perEpoch: 1 }).batches$,
      ema: { decay: 0.9 },
      checkpoint: { dir },
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(fake.alive()).toBe(0);
    expect((events[0] as StartEvent).options).toMatchObject({
      network: { latent: 6, ...('variational' in options && options) },
      ema: { decay: 0.9 },
    });
    const seen = steps(events).map(({ metrics }) => metrics.reconstruction);
    expect(seen.at(-1)).toBeLessThan(0.75 * seen[0]);
    const { validation } = events.at(-1) as DoneEvent;
    using loaded = await load(path.join(dir, 'last.ckpt'), Autoencoder);
    const batch = await lastValueFrom(batches({ seed: 9, perEpoch: 1 }).batches$.pipe(take(1)));
    const restored = tf.tidy(() => {
      const images = tf.tensor4d(batch.images as Float32Array, [8, 16, 16, 3]);
      const decoded = loaded.decode(loaded.encode(images), batch.labels);
      return tf.mul(tf.mean(tf.square(tf.sub(decoded, images))), 0.5).dataSync()[0];
    });
    expect(restored).toBeCloseTo(validation?.reconstruction as number, 5);
  });

  test('sheets show pictures above their reconstructions', async () => {
    const shown: Pictured[] = [];
    const before = tf.memory().numTensors;
    await run(batches().batches$, {
      ...base,
      model: tiny({ conditional: true }),
      validation: () => batches({ seed: 9, perEpoch: 1 }).batches$,
      samples: { every: 2, count: 5, see: (pictured) => void shown.push(pictured) },
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(shown.map(({ step, what, columns, pictures }) => [step, what, columns, pictures.length])).toEqual([
      [2, 'reconstructions', 5, 10],
      [4, 'reconstructions', 5, 10],
    ]);
    expect(shown[1].pictures[0]).toEqual(shown[0].pictures[0]);
    expect(shown[1].pictures[5]).not.toEqual(shown[0].pictures[5]);
  });

  test('a judge sees the reconstructions', async () => {
    using classifier = await fit(batches({ size: 20, perEpoch: 4 }).batches$, {
      model: cnn({ filters: [4] }),
      seed: 1,
    });
    const before = tf.memory().numTensors;
    const plain = () => batches({ seed: 9, size: 20, perEpoch: 2 }).batches$;
    const events = await run(batches().batches$, {
      ...base,
      model: tiny({ guide: true }),
      validation: plain,
      judge: judge(classifier, { training: plain }),
    });
    expect(tf.memory().numTensors).toBe(before);
    const { validation = {} } = events.at(-1) as DoneEvent;
    expect(Object.keys(validation)).toEqual(
      expect.arrayContaining(['reconstruction', 'accuracy', 'kid', 'recognized', 'memorized']),
    );
    expect(Object.values(validation).every(Number.isFinite)).toBe(true);
  });

  test('three steps and three more after a resume are the six, to the bit', async () => {
    const options = {
      ...base,
      model: tiny({ variational: true, guide: true }),
      checkpoint: { dir, every: 3 },
    };
    const whole = steps(await run(batches({ perEpoch: 6 }).batches$, options));
    await rm(dir, { recursive: true });
    const stop = new AbortController();
    const half = train(batches({ perEpoch: 6 }).batches$, { ...options, signal: stop.signal });
    await half.forEach((event) => {
      if (event.kind === 'step' && event.step === 3) stop.abort();
    });
    const rest = steps(await run(batches({ perEpoch: 6 }).batches$, { ...options, resume: true }));
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.length).toBeLessThan(6);
    expect(rest.map(({ metrics }) => metrics)).toEqual(
      whole.slice(-rest.length).map(({ metrics }) => metrics),
    );
  });

  test('guidance keeps the classes of codes further apart than restoring alone does', async () => {
    const ratio = async (guide: boolean) => {
      using model = await fit(batches({ size: 24, perEpoch: 8 }).batches$, {
        ...base,
        model: tiny({ guide: guide && { classification: 1, triplet: 1 } }),
        epochs: 12,
      });
      const batch = await lastValueFrom(batches({ seed: 5, size: 48, perEpoch: 1 }).batches$);
      const codes = tf.tidy(() =>
        model.encode(tf.tensor4d(batch.images as Float32Array, [48, 16, 16, 3])).arraySync(),
      );
      const between = { same: [] as number[], other: [] as number[] };
      codes.forEach((a, i) => {
        codes.slice(0, i).forEach((b, j) => {
          const kind = batch.labels[i] === batch.labels[j] ? 'same' : 'other';
          between[kind].push(Math.hypot(...a.map((v, k) => v - b[k])));
        });
      });
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      return mean(between.other) / mean(between.same);
    };
    expect(await ratio(true)).toBeGreaterThan(1.3 * (await ratio(false)));
  });
});

test('triplets: partners of the class, strangers of another, by the key; without them a row does not count', () => {
  const labels = [0, 1, 0, 1, 0, 2];
  const chosen = (seed: number) =>
    tf.tidy(() => {
      const { positive, negative, valid } = chooseTriplets(oneHot(labels, 3), keyOf(seed));
      return {
        positive: [...positive.dataSync()],
        negative: [...negative.dataSync()],
        valid: [...valid.dataSync()],
      };
    });
  for (let seed = 0; seed < 20; seed++) {
    const { positive, negative, valid } = chosen(seed);
    expect(valid).toEqual([1, 1, 1, 1, 1, 0]);
    labels.forEach((label, i) => {
      expect(labels[negative[i]]).not.toBe(label);
      if (!valid[i]) return;
      expect(labels[positive[i]]).toBe(label);
      expect(positive[i]).not.toBe(i);
    });
  }
  expect(chosen(1)).toEqual(chosen(1));
  expect(
    new Set(Array.from({ length: 20 }, (_, seed) => String(chosen(seed).negative))).size,
  ).toBeGreaterThan(5);
});

describe('what does not fit gets one sentence', () => {
  const trained = (options: FakeOptions, model = tiny()) =>
    run(colored({ perEpoch: 1, ...options }).batches$, { ...base, model });

  test('sides, ranges, options', async () => {
    await expect(trained({ side: 12 })).rejects.toThrow(
      'autoencoder: expected square images of 8, 16, 32, 64, … pixels a side but received [12,12]; resize or crop them',
    );
    await expect(run(fakeBatches({ side: 16 }).batches$, { ...base, model: tiny() })).rejects.toThrow(
      /^autoencoder: expected pixels in -1\.\.1 but received \[.*\]; put normalize\(STATISTICS\.symmetric\) before batch\(\)$/,
    );
    expect(() => autoencoder({ latent: 0 })).toThrow(/^autoencoder: latent: expected .* but received 0/);
    expect(() => autoencoder({ width: 0 })).toThrow(/^autoencoder: width: expected/);
    expect(() => autoencoder({ guide: { margin: -1 } })).toThrow(/^autoencoder: guide/);
  });

  test('codes, images, labels, checkpoints', async () => {
    using model = await fit(batches({ perEpoch: 1 }).batches$, {
      ...base,
      model: tiny({ conditional: true }),
      checkpoint: { dir },
    });
    tf.tidy(() => {
      expect(() => model.decode(tf.zeros([2, 5]))).toThrow(
        'decode: expected codes of 6 numbers but received [2,5]; encode with autoencoder-6',
      );
      expect(() => model.decode(tf.zeros([2, 6]), [0])).toThrow(
        'decode: expected 2 labels, one for each image but received 1; this model takes the class',
      );
      expect(() => model.decode(tf.zeros([1, 6]), [3])).toThrow(
        'decode: expected labels in 0..2 but received 3; it was trained on class0, class1, class2',
      );
      expect(() => model.encode(tf.zeros([2, 8, 8, 3]))).toThrow(
        'encode: expected images of 16×16×3 but received [8,8,3]; resize them as for training',
      );
    });
    const file = path.join(dir, 'last.ckpt');
    await expect(load(file, Trained)).rejects.toThrow('holds an autoencoder, not a classifier');
    await expect(
      run(batches().batches$, { ...base, model: tiny({ latent: 7 }), resume: file }),
    ).rejects.toThrow(/holds model .*; resume with the same model and options/);
  });
});
