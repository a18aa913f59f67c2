import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { concat, lastValueFrom, NEVER, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DoneEvent, StartEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import type { Batch } from '../../src/core/index.js';
import { picturesOf } from '../../src/gan/images.js';
import { type GanModel, Generator, gan, judge, nearestTraining } from '../../src/gan/index.js';
import { load } from '../../src/pipeline/load.js';
import { pull } from '../../src/stream/demand.js';
import { cnn, fit, loadBackend, type Trained, type TrainOptions, train } from '../../src/train/index.js';
import { imagesOf } from '../../src/train/loop/batch-tensors.js';
import type { FakeOptions } from '../train/batches.js';
import { colored } from './colored.js';

const tiny = (options: Parameters<typeof gan>[0] = {}) =>
  gan({ latent: 8, width: 4, criticWidth: 4, ...options });
const base = { seed: 3 } satisfies Partial<TrainOptions<GanModel>>;
const batches = (options: FakeOptions = {}) => colored({ side: 8, size: 10, perEpoch: 4, ...options });

const run = (batches$: ReturnType<typeof batches>['batches$'], options: TrainOptions<GanModel>) =>
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

const kinds = [
  ['hinge, projection, DiffAugment', tiny(), { augment: true }],
  ['hinge, auxiliary, ADA', tiny({ conditioning: 'auxiliary' }), { augment: { adaptive: { speed: 100 } } }],
  ['wgan-gp, projection', tiny({ loss: 'wgan-gp' }), {}],
  ['hinge, with a guide, DiffAugment', tiny({ guidance: 0.5 }), { augment: true }],
  ['wgan-gp, with a guide', tiny({ loss: 'wgan-gp', guidance: 0.5 }), {}],
  [
    'wgan-gp, auxiliary, DiffAugment',
    tiny({ loss: 'wgan-gp', conditioning: 'auxiliary' }),
    { augment: { ops: ['brightness', 'translation'] } },
  ],
] as const satisfies [string, unknown, Partial<TrainOptions<GanModel>>][];

describe('a GAN', () => {
  test.each(kinds)('%s: trains, frees all, and is found in its checkpoint', async (_, model, options) => {
    const fake = batches();
    const before = tf.memory().numTensors;
    const shown: number[] = [];
    const events = await run(fake.batches$, {
      ...base,
      ...(options as object),
      model,
      epochs: 2,
      validation: batches({ seed: 9, perEpoch: 1 }).batches$,
      checkpoint: { dir },
      samples: {
        every: 4,
        count: 2,
        see({ step, pictures, columns, captions, width }) {
          expect([pictures.length, columns, captions?.length, width]).toEqual([6, 2, 6, 8]);
          expect(pictures[0]).toHaveLength(8 * 8 * 3);
          shown.push(step);
        },
      },
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(fake.alive()).toBe(0);
    expect(shown).toEqual([4, 8]);
    expect((events[0] as StartEvent).options).toMatchObject({
      network: model.config,
      optimizer: { optimizer: 'adam', beta1: 0 },
      criticSteps: model.config.loss === 'hinge' ? 1 : 5,
    });
    expect(steps(events)).toHaveLength(8);
    for (const { metrics } of steps(events)) expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(Object.keys((events.at(-1) as DoneEvent).validation ?? {})).toEqual(['real', 'fake']);
    using loaded = await load(path.join(dir, 'last.ckpt'), Generator);
    tf.tidy(() => {
      const images = loaded.generate([0, 2], 7);
      expect(images.shape).toEqual([2, 8, 8, 3]);
      expect(loaded.generate([0, 2], 7).dataSync()).toEqual(images.dataSync());
      expect(loaded.generate([0, 2], 8).dataSync()).not.toEqual(images.dataSync());
      expect(loaded.generate([1, 2], 7).dataSync()).not.toEqual(images.dataSync());
      expect(loaded.score(images, [0, 2]).shape).toEqual([2]);
    });
  });

  test.each(kinds)(
    '%s: three steps and three more after a resume are the six, to the bit',
    async (_, model, given) => {
      const options = { ...base, ...(given as object), model, checkpoint: { dir, every: 3 } };
      const data = () => batches({ perEpoch: 6 }).batches$;
      const whole = steps(await run(data(), options));
      await rm(dir, { recursive: true });
      const stop = new AbortController();
      await train(data(), { ...options, signal: stop.signal }).forEach((event) => {
        if (event.kind === 'step' && event.step === 3) stop.abort();
      });
      const rest = steps(await run(data(), { ...options, resume: true }));
      expect(rest.map(({ step }) => step)).toEqual([4, 5, 6]);
      expect(rest.map(({ metrics }) => metrics)).toEqual(whole.slice(3).map(({ metrics }) => metrics));
    },
  );

  test('images of 64 pixels', async () => {
    using made = await fit(batches({ side: 64, size: 4, perEpoch: 1 }).batches$, {
      ...base,
      model: tiny({ width: 2, criticWidth: 2 }),
      augment: true,
    });
    const images = made.generate([0, 1]);
    expect(images.shape).toEqual([2, 64, 64, 3]);
    images.dispose();
  });

  test('the critic learns to tell real from generated, and each learns by its own loss', async () => {
    const seen = steps(
      await run(batches({ perEpoch: 40 }).batches$, {
        ...base,
        model: tiny({ loss: 'wgan-gp' }),
        learningRate: 2e-3,
        criticRate: 1,
      }),
    );
    const gap = (from: number, to: number) =>
      seen.slice(from, to).reduce((sum, { metrics }) => sum + metrics.real - metrics.fake, 0) / (to - from);
    expect(gap(5, 15)).toBeGreaterThan(gap(0, 2) + 0.5);
    expect(seen.at(-1)?.metrics.penalty).toBeLessThan(seen[0].metrics.penalty);
  });

  test('with a guide it comes to make images that the guide takes for their class', async () => {
    const seen = steps(
      await run(batches({ perEpoch: 60 }).batches$, {
        ...base,
        model: tiny({ guidance: 1 }),
        learningRate: 2e-3,
      }),
    );
    const mean = (metric: string, from: number, to: number) =>
      seen.slice(from, to).reduce((sum, { metrics }) => sum + metrics[metric], 0) / (to - from);
    expect(mean('guide', 50, 60)).toBeLessThan(0.5 * mean('guide', 0, 5));
    expect(mean('guided', 50, 60)).toBeLessThan(0.5 * mean('guided', 0, 5));
  });
});

describe('a judge', () => {
  let classifier: Trained;
  beforeAll(async () => {
    classifier = await fit(batches({ size: 32, perEpoch: 8 }).batches$, {
      model: cnn({ filters: [8, 8] }),
      epochs: 6,
      seed: 1,
    });
    return () => classifier.dispose();
  });

  test('its numbers come with every evaluation; real images beside real ones are near, noise is far', async () => {
    const before = tf.memory().numTensors;
    const training = () => batches({ size: 30, perEpoch: 4 }).batches$;
    const events = await run(batches().batches$, {
      ...base,
      model: tiny(),
      validation: () => batches({ seed: 9, size: 30, perEpoch: 2 }).batches$,
      judge: judge(classifier, { training }),
      epochs: 1,
    });
    expect(tf.memory().numTensors).toBe(before);
    const { validation } = events.at(-1) as DoneEvent;
    expect(Object.keys(validation ?? {})).toEqual([
      'real',
      'fake',
      'fid',
      'kid',
      'kidError',
      'precision',
      'recall',
      'diversity',
      'collapsed',
      'recognized',
      'memorized',
    ]);
    expect(Object.values(validation ?? {}).every(Number.isFinite)).toBe(true);
  });

  test('an abort ends its look at all training images, which the next run has from the start', async () => {
    const stop = new AbortController();
    const change = (batch: Batch) => {
      if (batch.index === 5) setImmediate(() => stop.abort()); // as a signal comes, between batches
      return batch;
    };
    const endless = batches({ size: 30, perEpoch: 100_000, change });
    const whole = batches({ size: 30, perEpoch: 4 });
    const streams = [endless.batches$, whole.batches$];
    const shared = judge(classifier, { training: () => streams.shift() as (typeof streams)[0] });
    const before = tf.memory().numTensors;
    const judged = (signal?: AbortSignal) =>
      run(batches().batches$, {
        ...base,
        model: tiny(),
        validation: () => batches({ seed: 9, size: 30, perEpoch: 2 }).batches$,
        judge: shared,
        epochs: 1,
        signal,
      });
    const cut = await judged(stop.signal);
    expect(cut.some(({ kind }) => kind === 'evaluation')).toBe(false);
    expect((cut.at(-1) as DoneEvent).validation).toBeUndefined();
    expect(endless.made()).toBeLessThan(20);
    expect([endless.alive(), tf.memory().numTensors]).toEqual([0, before]);
    const { validation } = (await judged()).at(-1) as DoneEvent; // it shares the judge, and is not cut
    expect(validation?.memorized).toBeGreaterThanOrEqual(0);
    expect([whole.made(), whole.alive()]).toEqual([4, 0]);
  });

  test('its look ends at an abort though the stream rests, and another caller has the whole of it', async () => {
    const stop = new AbortController();
    const whole = batches({ size: 30, perEpoch: 2 });
    const streams = [concat(batches({ perEpoch: 2 }).batches$, NEVER), whole.batches$];
    const shared = judge(classifier, { training: () => streams.shift() as (typeof streams)[0] });
    const [cut, other] = [shared.training(stop.signal), shared.training()];
    setTimeout(() => stop.abort(), 50);
    await expect(cut).rejects.toThrow(/abort/i);
    expect((await other)?.count).toBe(60);
    expect(await shared.training(stop.signal)).toBe(await other); // known by now
  });

  test('images are shown above the training images that they were copied from, the nearest first', async () => {
    const before = tf.memory().numTensors;
    const plain: Uint8Array[] = [];
    const training = () => batches({ size: 30, perEpoch: 4 }).batches$;
    const copies: tf.Tensor4D[] = [];
    for await (const batch of pull(training())) {
      const images = imagesOf(batch, 'test');
      plain.push(...(await picturesOf(images)));
      copies.push(tf.tidy(() => tf.gather(images, [3, 17]) as tf.Tensor4D));
      images.dispose();
      batch.dispose();
    }
    const made = tf.tidy(() => {
      const copied = tf.concat(copies) as tf.Tensor4D;
      const noise = tf.randomUniform(copied.shape, -0.02, 0.02, 'float32', 1);
      return tf.clipByValue(tf.add(copied, noise), -1, 1) as tf.Tensor4D;
    });
    const sheet = await nearestTraining(judge(classifier, { training }), made, { count: 7, columns: 3 });
    tf.dispose([copies, made] as never);
    expect(tf.memory().numTensors).toBe(before);
    expect([sheet.what, sheet.columns, sheet.pictures.length, sheet.width]).toEqual(['nearest', 3, 12, 8]);
    const far = (a: Uint8Array, b: Uint8Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));
    const originals = [3, 33, 63, 93, 17, 47, 77, 107].map((row) => plain[row]);
    for (const row of [0, 6]) {
      for (const i of [row, row + 1, row + 2]) {
        expect(far(sheet.pictures[i], sheet.pictures[i + 3])).toBeLessThanOrEqual(4);
        expect(originals.some((picture) => far(picture, sheet.pictures[i + 3]) === 0)).toBe(true);
      }
    }
  });

  test('a judge without training images, or whose stream has become shorter, says so', async () => {
    const images = tf.zeros([4, 8, 8, 3]) as tf.Tensor4D;
    await expect(nearestTraining(judge(classifier), images)).rejects.toThrow(
      /^nearestTraining: expected a judge with training images; use judge\(classifier, \{ training \}\)$/,
    );
    const shorter = judge(classifier, { training: () => batches({ size: 30, perEpoch: 1 }).batches$ });
    await expect(shorter.trainingPictures([30])).rejects.toThrow(
      /^judge: expected training image 30 but the stream has only 30; give training as a function/,
    );
    images.dispose();
  });

  test('a classifier of other classes or images is refused', async () => {
    const judged = (options: FakeOptions) =>
      run(batches(options).batches$, {
        ...base,
        model: tiny(),
        judge: judge(classifier),
        validation: batches({ ...options, perEpoch: 1 }).batches$,
      });
    await expect(judged({ classes: 4 })).rejects.toThrow(
      "judge: expected images of the classes of cnn-8-8 ('class0', 'class1', 'class2') but received 'class3'; use a classifier trained on these",
    );
    await expect(judged({ side: 16 })).rejects.toThrow(
      'judge: expected images of 8×8×3 but received [16,16,3]',
    );
    await expect(judged({})).rejects.toThrow(
      'judge: expected at least 20 images but received 10; give more validation images',
    );
  });
});

describe('what does not fit gets one sentence', () => {
  test('batches, sides, options', async () => {
    await expect(
      run(batches({ size: 12 }).batches$, { ...base, model: tiny({ loss: 'wgan-gp' }) }),
    ).rejects.toThrow(
      'gan: expected a batch size that is a multiple of criticSteps (5) but received 12; use batch(10, { dropLast: true })',
    );
    await expect(run(batches({ side: 6 }).batches$, { ...base, model: tiny() })).rejects.toThrow(
      'gan: expected square images of 8, 16, 32, 64, … pixels a side but received [6,6]; resize or crop them',
    );
    expect(() =>
      train(batches().batches$, { model: tiny({ loss: 'wgan-gp' }), augment: { adaptive: true } }),
    ).toThrow(/^train: augment\.adaptive: expected the hinge loss but received 'wgan-gp'/);
    expect(() => gan({ latent: 0 })).toThrow(/^gan: latent: expected/);
    expect(() =>
      train(batches().batches$, { model: tiny(), augment: { ops: ['horizontalFlip' as never] } }),
    ).toThrow(/^train: augment/);
  });

  test('labels, noise and checkpoints of other models', async () => {
    using made = await fit(batches({ perEpoch: 1 }).batches$, {
      ...base,
      model: tiny(),
      checkpoint: { dir },
    });
    expect(() => made.generate([3])).toThrow(
      'generate: expected labels in 0..2 but received 3; it was trained on class0, class1, class2',
    );
    tf.tidy(() => {
      expect(() => made.generate([1], tf.zeros([1, 5]))).toThrow(
        'generate: expected noise of 1×8 but received [1,5]; make it with noise(1)',
      );
    });
    const file = path.join(dir, 'last.ckpt');
    await expect(
      run(batches().batches$, { ...base, model: tiny({ latent: 9 }), resume: file }),
    ).rejects.toThrow(/holds model/);
    await expect(
      run(batches({ classes: 4, epochs: 2 }).batches$, { ...base, model: tiny(), resume: file }),
    ).rejects.toThrow(
      "train: expected the classes of the model ('class0', 'class1', 'class2') but colors also has 'class3'; use images of those classes",
    );
  });

  test('a learning rate that is far too high ends in one sentence, not in NaN', async () => {
    await expect(
      run(batches({ perEpoch: 200 }).batches$, {
        ...base,
        model: tiny({ loss: 'wgan-gp' }),
        learningRate: 1e12,
      }),
    ).rejects.toThrow(/^train: the (loss|norm of the gradient) is .* at step \d+ .*lower the learning rate/);
  });
});
