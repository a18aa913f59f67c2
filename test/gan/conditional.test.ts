/** Models that make images from images: DAGAN and Smart Augmentation. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, type Observable, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DoneEvent, StartEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import { type Batch, fold, keyOf, tag } from '../../src/core/index.js';
import type { AdversarialTraining } from '../../src/gan/adversarial/adversarial-task.js';
import { criticise, criticParts } from '../../src/gan/adversarial/critic.js';
import { augmented, drawAugments } from '../../src/gan/adversarial/diff-augment.js';
import { buildDagan } from '../../src/gan/dagan/dagan.js';
import { augmenting } from '../../src/gan/dagan/task.js';
import {
  dagan,
  ImageAugmenter,
  type Judge,
  type Pictured,
  SmartAugmenter,
  smartAugmentation,
  trainJudge,
} from '../../src/gan/index.js';
import { partners } from '../../src/gan/pairs.js';
import { initializeParts, oneHot } from '../../src/gan/part.js';
import { smart } from '../../src/gan/smart/task.js';
import { load } from '../../src/pipeline/load.js';
import { pull } from '../../src/stream/demand.js';
import { adam, cnn, fit, loadBackend, sgd, train } from '../../src/train/index.js';
import { kernelByKernel } from '../../src/train/loop/evaluate.js';
import { normal } from '../../src/train/ops/noise.js';
import { disposeState } from '../../src/train/state/tensors.js';
import type { FakeOptions } from '../train/batches.js';
import { colored } from './colored.js';

const batches = (options: FakeOptions = {}) => colored({ side: 8, size: 10, perEpoch: 4, ...options });
const steps = (events: TrainEvent[]) => events.filter((e): e is StepEvent => e.kind === 'step');
const all = (events$: Observable<TrainEvent>) => lastValueFrom(events$.pipe(toArray()));

let dir: string;
beforeAll(async () => {
  await loadBackend('auto');
});
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-gan-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('partners are of the class, all different, never the row itself; too few of a class do not count', () => {
  const labels = [0, 0, 0, 1, 1, 2];
  for (let seed = 0; seed < 20; seed++) {
    const { rows, valid } = tf.tidy(() => {
      const { rows, valid } = partners(oneHot(labels, 3), 2, keyOf(seed));
      return { rows: rows.map((row) => [...row.dataSync()]), valid: [...valid.dataSync()] } as never;
    }) as { rows: number[][]; valid: number[] };
    expect(valid).toEqual([1, 1, 1, 0, 0, 0]);
    for (let i = 0; i < 3; i++) {
      expect(new Set([i, rows[0][i], rows[1][i]])).toEqual(new Set([0, 1, 2]));
    }
    expect([rows[0][3], rows[0][4]]).toEqual([4, 3]);
  }
});

const kinds = [
  [
    'DAGAN, wgan-gp',
    (options: object) =>
      train(batches({ perEpoch: 6 }).batches$, {
        model: dagan({ latent: 5, width: 4, criticWidth: 4 }),
        criticSteps: 2,
        seed: 3,
        ...options,
      }),
  ],
  [
    'DAGAN, hinge',
    (options: object) =>
      train(batches({ perEpoch: 6 }).batches$, {
        model: dagan({ latent: 5, width: 4, criticWidth: 4, loss: 'hinge' }),
        seed: 3,
        ...options,
      }),
  ],
  [
    'DAGAN of codes, its critic told the class',
    (options: object) =>
      train(batches({ perEpoch: 6 }).batches$, {
        model: dagan({ latent: 5, width: 4, criticWidth: 4, network: 'code', conditioning: 'projection' }),
        criticSteps: 2,
        seed: 3,
        ...options,
      }),
  ],
  [
    'DAGAN of codes, with a guide and ADA',
    (options: object) =>
      train(batches({ perEpoch: 6 }).batches$, {
        model: dagan({ latent: 5, width: 4, criticWidth: 4, loss: 'hinge', network: 'code', guidance: 0.5 }),
        augment: { adaptive: { speed: 100 } },
        seed: 3,
        ...options,
      }),
  ],
  [
    'Smart Augmentation',
    (options: object) =>
      train(batches({ perEpoch: 6 }).batches$, { model: tinySmart(), seed: 3, ...options }),
  ],
  [
    'Smart Augmentation of three images with a critic',
    (options: object) =>
      train(batches({ perEpoch: 6 }).batches$, {
        model: tinySmart({ images: 3, critic: 0.1 }),
        seed: 3,
        ...options,
      }),
  ],
] as const;

function tinySmart(options: Parameters<typeof smartAugmentation>[0] = {}) {
  return smartAugmentation({ width: 4, criticWidth: 4, classifier: cnn({ filters: [8, 8] }), ...options });
}

describe.each(kinds)('%s', (_, train) => {
  test('three steps and three more after a resume are the six, to the bit; nothing leaks', async () => {
    const before = tf.memory().numTensors;
    const validation = () => batches({ seed: 9, perEpoch: 1 }).batches$;
    const options = { validation, checkpoint: { dir, every: 3 } };
    const events = await all(train(options));
    const whole = steps(events);
    const { options: shaped = {} } = events[0] as StartEvent;
    expect(JSON.parse(JSON.stringify(shaped))).toMatchObject({ network: { width: 4 }, optimizer: {} });
    for (const { metrics } of whole) expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(Object.values((events.at(-1) as DoneEvent).validation ?? {}).every(Number.isFinite)).toBe(true);
    await rm(dir, { recursive: true });
    const stop = new AbortController();
    await train({ ...options, signal: stop.signal }).forEach((event) => {
      if (event.kind === 'step' && event.step === 3) stop.abort();
    });
    const rest = steps(await all(train({ ...options, resume: true })));
    expect(rest.map(({ step }) => step)).toEqual([4, 5, 6]);
    expect(rest.map(({ metrics }) => metrics)).toEqual(whole.slice(3).map(({ metrics }) => metrics));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(kinds)('%s, judged', (kind, train) => {
  const smart = kind.startsWith('Smart');
  const apart = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0);

  test('a judge that learns first sees what it makes; sheets show it below what it was made of', async () => {
    const before = tf.memory().numTensors;
    const plain = (seed: number) => batches({ seed, size: 20, perEpoch: 3 }).batches$;
    const learning = trainJudge(batches({ size: 20, perEpoch: 6 }).batches$, {
      model: cnn({ filters: [4] }),
      training: () => plain(5),
      checkpoint: { dir: path.join(dir, 'judge') },
      seed: 1,
    });
    const told: string[] = [];
    let next = await learning.next();
    for (; !next.done; next = await learning.next()) told.push(`${next.value.run} ${next.value.kind}`);
    expect(told).toContain('judge done');
    const shown: Pictured[] = [];
    {
      using referee = next.value as Judge & Disposable;
      const events = await all(
        train({
          validation: () => plain(9),
          judge: referee,
          samples: { every: 3, count: 4, see: (pictured: Pictured) => void shown.push(pictured) },
        }),
      );
      const { validation = {} } = events.at(-1) as DoneEvent;
      expect(Object.keys(validation)).toEqual(
        expect.arrayContaining(['kid', 'kidError', 'fid', 'recognized', 'memorized', 'diversity']),
      );
      expect(Object.values(validation).every(Number.isFinite)).toBe(true);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(shown.map(({ step }) => step)).toEqual([3, 6]);
    const [first, last] = shown;
    const rows = smart ? (kind.includes('three') ? 4 : 3) : 4;
    expect([first.what, first.columns, first.pictures.length]).toEqual([
      smart ? 'merged' : 'relatives',
      4,
      4 * rows,
    ]);
    // What it was made of stays, and what was made of it changes.
    const made = smart ? 4 * (rows - 1) : 4;
    for (let i = 0; i < 4 * rows; i++) {
      const moved = apart(first.pictures[i], last.pictures[i]);
      if (i < made) expect(moved).toBe(0);
      else expect(moved).toBeGreaterThan(0);
    }
  });

  test('samples without validation images are refused', () => {
    expect(() => train({ samples: { every: 1, see() {} } })).toThrow(
      /samples: expected validation images to draw from; give validation too$/,
    );
  });
});

test('merged images of rows that are alone in their class are not judged', async () => {
  const labels: number[] = [];
  const change = (batch: Batch) => {
    labels.push(...batch.labels);
    return batch;
  };
  const fake = batches({ seed: 4, size: 11, perEpoch: 6, change });
  let seen = 0;
  const referee: Judge = {
    name: 'counting',
    check() {},
    async extract(images) {
      const features = Float32Array.from({ length: 4 * images.shape[0] }, () => Math.sin(seen++));
      return { features, predicted: new Int32Array(images.shape[0]) };
    },
    training: async () => undefined,
    trainingPictures: async () => [],
  };
  const task = smart({ model: tinySmart({ images: 3 }), optimizer: sgd(), judge: referee })({
    input: [8, 8, 3],
    classes: ['class0', 'class1', 'class2'],
  });
  const state = task.init(keyOf(1));
  const { metrics } = await task.evaluate(state, pull(fake.batches$), undefined, kernelByKernel(state));
  disposeState(state);
  let [valid, zeros] = [0, 0];
  for (let from = 0; from < labels.length; from += 11) {
    const own = labels.slice(from, from + 11);
    const enough = own.filter((label) => own.filter((other) => other === label).length > 3);
    valid += enough.length;
    zeros += enough.filter((label) => label === 0).length;
  }
  expect(valid).toBeGreaterThan(20);
  expect(valid).toBeLessThan(66);
  // It takes all for the first class.
  expect(metrics.recognized).toBeCloseTo(zeros / valid, 6);
});

describe('a DAGAN', () => {
  test('with the WGAN loss refuses ADA', () => {
    expect(() => train(batches().batches$, { model: dagan(), augment: { adaptive: true } })).toThrow(
      "train: augment.adaptive: expected the hinge loss but received 'wgan-gp'",
    );
  });

  test('its critic scores a pair by its class where it is told that, and by the pair alone where it is not', () => {
    const look = { input: [8, 8, 3], classes: ['cat', 'dog', 'eel'] };
    for (const conditioning of ['none', 'projection'] as const) {
      const built = buildDagan(dagan({ width: 4, criticWidth: 4, conditioning }), look);
      const weights = initializeParts([...built.generator.parts, ...criticParts(built.critic)], keyOf(1));
      using made = new ImageAugmenter(built, { ...weights, slots: {} });
      const { inputs, run } = made.functions.score;
      const told = conditioning === 'projection';
      expect(inputs.map(({ name }) => name)).toEqual(['images', 'originals', ...(told ? ['classes'] : [])]);
      tf.tidy(() => {
        const images = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 3);
        const given = { images, originals: tf.reverse(images, 0) };
        const of = (labels: number[]) => [...run({ ...given, classes: oneHot(labels, 3) }).score.dataSync()];
        if (told) expect(of([0, 1])).not.toEqual(of([2, 0]));
        else expect(of([0, 1])).toEqual(of([2, 0]));
      });
    }
  });

  describe('one step of a DAGAN of codes', () => {
    /** A state, and the one after a step on images of some classes. */
    function stepped(
      labels: number[],
      {
        conditioning = 'projection',
        criticRate = 1,
        augment,
      }: Pick<AdversarialTraining, 'augment'> & { conditioning?: 'none' | 'projection'; criticRate?: number },
    ) {
      const task = augmenting({
        model: dagan({ latent: 5, width: 4, criticWidth: 4, network: 'code', conditioning }),
        optimizer: sgd(),
        criticRate,
        criticSteps: 1,
        gradientPenalty: 10,
        augment,
      })({ input: [8, 8, 3], classes: ['cat', 'dog', 'eel'] });
      const before = task.init(keyOf(1));
      const images = tf.randomUniform([6, 8, 8, 3], -1, 1, 'float32', 3) as tf.Tensor4D;
      const feed = { images, classes: oneHot(labels, 3), learningRate: tf.scalar(0.1) };
      const { state: after, metrics } = task.step(before, feed, { key: keyOf(2), progress: 0 });
      return {
        task,
        before,
        after,
        images,
        told: [metrics.penalty, metrics.real].map((x) => x.dataSync()[0]),
      };
    }
    const labels = [0, 0, 0, 1, 1, 1];
    const relabeled = labels.map((label) => 2 - label); // the pairs stay the same
    const moved = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

    test('moves the encoder, the generator and what the critic knows of classes; running means follow the batch once', () =>
      void tf.tidy(() => {
        const { task, before, after, images } = stepped(labels, {});
        const kernels = Object.keys(before.params).filter((name) => name.endsWith('kernel'));
        expect(kernels).toEqual(
          expect.arrayContaining(['generator/encoder/head/kernel', 'critic/class/dense/kernel']),
        );
        for (const name of kernels)
          expect(moved(before.params[name], after.params[name]), name).toBeGreaterThan(0);
        const own = fold(keyOf(2), tag('generator'));
        const noise = normal(fold(own, tag('noise')), [6, 5]) as tf.Tensor2D;
        const { updates } = task.built.generator.make(before, images, noise, { training: true, key: own });
        expect(Object.keys(updates).length).toBeGreaterThan(0);
        expect(Object.keys(after.stats).sort()).toEqual(Object.keys(updates).sort());
        for (const [name, wanted] of Object.entries(updates)) {
          expect(moved(before.stats[name], wanted), name).toBeGreaterThan(0);
          expect(moved(after.stats[name], wanted), name).toBeLessThan(1e-6);
        }
      }));

    test('augments the images that its critic sees, and not those that stand beside them', () =>
      void tf.tidy(() => {
        const ops = ['brightness', 'translation'] as const;
        const { task, before, images, told } = stepped(labels, { augment: { ops } });
        const classes = oneHot(labels, 3);
        const own = fold(keyOf(2), tag('critic'), 0);
        const real = tf.gather(images, partners(classes, 1, own).rows[0]);
        const seen = augmented(real, drawAugments(fold(own, tag('real')), real.shape, ops));
        const score = (of: tf.Tensor, beside: tf.Tensor) =>
          tf
            .mean(criticise(task.built.critic, before, tf.concat([of, beside], 3), classes).score)
            .dataSync()[0];
        expect(told[1]).toBeCloseTo(score(seen, images), 5);
        expect(Math.abs(told[1] - score(real, images))).toBeGreaterThan(1e-3);
      }));

    test.each(['none', 'projection'] as const)(
      "%s: the generator's slopes, the penalty and the critic's scores know the class only where the critic is told",
      (conditioning) =>
        void tf.tidy(() => {
          // A critic that stays as it is, so that whatever differs is the generator's own step.
          const [one, other] = [labels, relabeled].map((own) =>
            stepped(own, { conditioning, criticRate: 0 }),
          );
          const apart = Object.keys(one.after.params)
            .filter((name) => name.startsWith('generator/'))
            .map((name) => moved(one.after.params[name], other.after.params[name]));
          if (conditioning === 'none') {
            expect([Math.max(...apart), one.told]).toEqual([0, other.told]);
          } else {
            expect(Math.max(...apart)).toBeGreaterThan(1e-4);
            for (const i of [0, 1]) expect(Math.abs(one.told[i] - other.told[i])).toBeGreaterThan(1e-4);
          }
        }),
    );
  });

  test.each(['unet', 'code'] as const)(
    '%s: its images depend on the noise and on the image, and its checkpoint holds it',
    async (network) => {
      const model = dagan({ latent: 5, width: 4, criticWidth: 4, loss: 'hinge', network });
      using made = await fit(batches().batches$, { model, epochs: 3, checkpoint: { dir } });
      using found = await load(path.join(dir, 'last.ckpt'), ImageAugmenter);
      tf.tidy(() => {
        const images = tf.randomUniform([2, 8, 8, 3], -1, 1) as tf.Tensor4D;
        const one = made.augment(images, 1).dataSync();
        expect(found.augment(images, 1).dataSync()).toEqual(one);
        expect(made.augment(images, 2).dataSync()).not.toEqual(one);
        expect(made.augment(tf.neg(images), 1).dataSync()).not.toEqual(one);
        expect(() => made.augment(images, tf.zeros([2, 4]))).toThrow(
          'augment: expected noise of 2×5 but received [2,4]',
        );
        expect(() => made.augment(tf.zeros([1, 16, 16, 3]))).toThrow(
          'augment: expected images of 8×8×3 but received [16,16,3]',
        );
      });
      await expect(load(path.join(dir, 'last.ckpt'), SmartAugmenter)).rejects.toThrow(
        'holds a DAGAN, not a Smart Augmentation',
      );
    },
  );
});

test("a DAGAN's evaluation counts no row without a partner", async () => {
  const task = augmenting({
    model: dagan({ latent: 5, width: 4, criticWidth: 4, loss: 'hinge' }),
    optimizer: adam(),
    criticRate: 1,
    criticSteps: 1,
    gradientPenalty: 0,
  })({ input: [8, 8, 3], classes: ['class0', 'class1', 'class2'] });
  const state = task.init(keyOf(1));
  using made = new ImageAugmenter(task.built, state);
  // One pair in the first batch, two in the second, none in the third.
  const labels = [
    [0, 0, 1, 2],
    [2, 1, 1, 2],
    [2, 1, 0],
  ];
  const stream = (perEpoch: number) =>
    batches({
      size: 4,
      perEpoch,
      change: (b) => ({ ...b, labels: Int32Array.from(labels[b.index]), size: labels[b.index].length }),
    });
  const all = await lastValueFrom(stream(3).batches$.pipe(toArray()));
  const scores = all.slice(0, 2).flatMap((b) => {
    const own = labels[b.index];
    const [rows, others] = own
      .flatMap((label, i) => {
        const other = own.findIndex((l, k) => l === label && k !== i);
        return other < 0 ? [] : [[i, other]];
      })
      .reduce<[number[], number[]]>(
        ([a, c], [i, k]) => [
          [...a, i],
          [...c, k],
        ],
        [[], []],
      );
    return tf.tidy(() => {
      const images = tf.tensor4d(b.images as Float32Array, [4, 8, 8, 3]);
      const given = { images: tf.gather(images, others), originals: tf.gather(images, rows) };
      return [...made.functions.score.run(given).score.dataSync()];
    });
  });
  expect(scores).toHaveLength(6);
  const fake = stream(3);
  const { samples, metrics } = await task.evaluate(
    state,
    pull(fake.batches$),
    undefined,
    kernelByKernel(state),
  );
  expect([samples, fake.alive()]).toEqual([11, 0]);
  const mean = scores.reduce((sum, x) => sum + x / 6, 0);
  expect(metrics.real / mean).toBeCloseTo(1, 6);
  labels.reverse();
  const lonely = await task.evaluate(state, pull(stream(1).batches$), undefined, kernelByKernel(state));
  expect(Object.keys(lonely.metrics)).toEqual(['fake', 'change', 'variety']);
});

describe('Smart Augmentation', () => {
  test("the classifier's loss alone tunes the net that merges", async () => {
    const batch = await lastValueFrom(batches({ perEpoch: 1 }).batches$);
    for (const [beta, moves] of [
      [1, true],
      [0, false],
    ] as const) {
      const task = smart({ model: tinySmart({ alpha: 0, beta }), optimizer: sgd({ momentum: 0 }) })({
        input: [8, 8, 3],
        classes: batch.origin.classes,
      });
      const state = task.init(keyOf(1));
      const feed = { ...task.feed(batch), learningRate: tf.scalar(1) };
      const change = tf.tidy(() => {
        const { state: after } = task.step(state, feed, { key: keyOf(2), progress: 0 });
        const name =
          'merger/down1/conv2d1/kernel' in state.params
            ? 'merger/down1/conv2d1/kernel'
            : 'merger/down1/conv/kernel';
        return tf.max(tf.abs(tf.sub(after.params[name], state.params[name]))).dataSync()[0];
      });
      expect(change > 0).toBe(moves);
      tf.dispose(feed);
      disposeState(state);
    }
  });

  test('both nets learn, and are found in the checkpoint', async () => {
    const validation = () => batches({ seed: 9, size: 30, perEpoch: 2 }).batches$;
    const events: TrainEvent[] = [];
    using made = await fit(
      batches({ size: 24, perEpoch: 8 }).batches$,
      {
        model: tinySmart(),
        epochs: 6,
        optimizer: adam(),
        learningRate: 5e-3,
        validation,
        checkpoint: { dir },
      },
      (event) => events.push(event),
    );
    const seen = steps(events).map(({ metrics }) => metrics);
    expect(seen.at(-1)?.likeness).toBeLessThan(0.9 * seen[0].likeness);
    const { validation: said } = events.at(-1) as DoneEvent;
    expect(said?.accuracy).toBeGreaterThan(0.8);
    using found = await load(path.join(dir, 'last.ckpt'), SmartAugmenter);
    const measured = await found.classifier.evaluate(validation());
    expect(measured.metrics.accuracy).toBeCloseTo(said?.accuracy as number, 6);
    tf.tidy(() => {
      const images = tf.randomUniform([2, 8, 8, 3], -1, 1) as tf.Tensor4D;
      const merged = made.merge([images, tf.neg(images)]);
      expect(merged.shape).toEqual([2, 8, 8, 3]);
      expect(found.merge([images, tf.neg(images)]).dataSync()).toEqual(merged.dataSync());
      expect(() => made.merge([images])).toThrow('merge: expected 2 stacks of images but received 1');
    });
  });
});
