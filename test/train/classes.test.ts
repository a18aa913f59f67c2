/** Classes are matched by name wherever a model meets data, and a teacher its student. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { concat, firstValueFrom, type Observable, of } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import type { Batch } from '../../src/core/index.js';
import { fit as fitModel, mlp, Trained, type TrainOptions } from '../../src/train/index.js';
import { useBackend } from './golden.js';
import { batches, named } from './named.js';

const ANIMALS = ['bee', 'cat', 'zebra'];
const TURNED = ['zebra', 'bee', 'cat'];

const options: TrainOptions = { model: mlp({ hidden: [8] }), epochs: 8, learningRate: 0.1, backend: 'cpu' };
const training = (classes = ANIMALS) =>
  batches(named('train', classes, { shown: ANIMALS }), { shuffle: true });

let trained: Trained;
beforeAll(async () => {
  await useBackend('cpu');
  trained = await fitModel(training(), options);
});
afterAll(() => trained.dispose());

/** What is measured of a set, by training for one epoch beside it. */
async function validated(validation: Observable<Batch>, more: Partial<TrainOptions> = {}) {
  const events: TrainEvent[] = [];
  const given = { ...options, validation, evaluateEvery: 8, ...more };
  (await fitModel(training(), given, (event) => events.push(event))).dispose();
  return events.find((event) => event.kind === 'evaluation');
}

describe('row 5: validation', () => {
  test('row 5: trained on bee, cat, zebra, measured on ant, bee, cat: refused by name', async () => {
    const sentence =
      "evaluation: expected the classes of the model ('bee', 'cat', 'zebra') but val also has 'ant' and lacks 'zebra'; use images of those classes, or use the same class names in both";
    const other = () => batches(named('val', ['ant', 'bee', 'cat']));
    const before = tf.memory().numTensors;
    await expect(validated(other())).rejects.toThrow(sentence);
    await expect(validated(training(), { validation: undefined, trainEvaluation: other() })).rejects.toThrow(
      sentence,
    );
    await expect(trained.evaluate(other())).rejects.toThrow(sentence);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('row 5: without one class, and in another order, it has the metrics that it would have by number', async () => {
    for (const shown of [ANIMALS, ['zebra', 'bee']]) {
      const plain = await trained.evaluate(batches(named('val', ANIMALS, { shown })));
      expect(plain.metrics.accuracy).toBe(1);
      for (const classes of [TURNED, shown, [...shown].reverse()]) {
        for (const soft of [false, true]) {
          const got = await trained.evaluate(batches(named('val', classes, { shown, soft })));
          expect(got.metrics).toEqual(plain.metrics);
        }
      }
    }
  });

  test('row 5: classes are matched by name at the end of epochs, for validation and trainEvaluation', async () => {
    const set = await validated(batches(named('val', ['zebra', 'bee'])));
    expect(set).toMatchObject({ set: 'validation', samples: 24, metrics: { accuracy: 1 } });
    const clean = await validated(training(), {
      validation: undefined,
      trainEvaluation: batches(named('c', TURNED)),
    });
    expect(clean).toMatchObject({ set: 'train', metrics: { accuracy: 1 } });
  });

  test('row 5: a wrong label counts as wrong', async () => {
    const disguise = { zebra: 'bee' };
    const got = await trained.evaluate(batches(named('val', TURNED, { disguise })));
    expect(got.metrics.accuracy).toBeCloseTo(2 / 3, 6);
  });

  test('row 5: boxes hold numbers, which are not renumbered but refused', async () => {
    const targets = { boxes: { format: 'voc', items: [{ box: [0, 0, 2, 2], label: 0 }] } } as const;
    await expect(trained.evaluate(batches(named('val', TURNED, { targets })))).rejects.toThrow(
      "evaluation: expected the class numbers of the model in masks and boxes but val has its classes in another order; give its source classes in the order of the model: 'bee', 'cat', 'zebra'",
    );
    const got = await trained.evaluate(batches(named('val', ['bee', 'cat'], { targets })));
    expect(got.metrics.accuracy).toBe(1);
  });

  test('row 5: a label out of range is refused before it is matched', async () => {
    const first = await firstValueFrom(batches(named('val', TURNED)));
    const bad = { ...first, labels: Int32Array.from(first.labels, () => 3) };
    await expect(trained.evaluate(of(bad))).rejects.toThrow(
      "evaluation: expected a label in 0..2 but 'zebra-0' of val has 3; correct the label or give all class names",
    );
  });
});

test('row 5: batches of two streams train one model, each with its own order of classes', async () => {
  const joined = concat(batches(named('a', ANIMALS)), batches(named('b', TURNED)));
  const both = await fitModel(joined, { ...options, epochs: undefined, learningRate: 0.3 });
  const got = await both.evaluate(batches(named('val', ANIMALS)));
  expect(got.metrics.accuracy).toBe(1);
  both.dispose();
  const odd = concat(batches(named('a', ANIMALS)), batches(named('b', ['bee', 'ant'])));
  await expect(fitModel(odd, { ...options, epochs: undefined })).rejects.toThrow(
    "train: expected the classes of the model ('bee', 'cat', 'zebra') but b also has 'ant' and lacks 'cat', 'zebra'",
  );
});

describe('row 5: a teacher', () => {
  const losses = async (teacher: Trained) => {
    const seen: number[] = [];
    const taught = { ...options, epochs: 2, distill: { teacher, weight: 0.9 } };
    const student = await fitModel(
      training(),
      taught,
      (event) => event.kind === 'step' && seen.push(event.metrics.loss),
    );
    student.dispose();
    return seen;
  };

  test('row 5: with its classes in another order teaches the same', async () => {
    // The same network, its last layer in another order.
    const order = TURNED.map((name) => ANIMALS.indexOf(name));
    const { params, stats, slots } = trained.state;
    const turned = Object.fromEntries(
      Object.entries(params).map(([name, tensor]) => [
        name,
        name.startsWith('head/') ? tf.gather(tensor, order, tensor.rank - 1) : tensor.clone(),
      ]),
    );
    const network = { ...trained.network, classes: TURNED };
    using teacher = new Trained(network, {
      params: turned,
      stats: Object.fromEntries(Object.entries(stats).map(([name, tensor]) => [name, tensor.clone()])),
      slots: Object.fromEntries(Object.entries(slots).map(([name, tensor]) => [name, tensor.clone()])),
    });
    const [plain, other] = [await losses(trained), await losses(teacher)];
    expect(plain.length).toBe(6);
    for (const [i, loss] of other.entries()) expect(loss).toBeCloseTo(plain[i], 6);
  });

  test('row 5: of other classes is refused by name', async () => {
    using teacher = await fitModel(batches(named('other', ['ant', 'bee', 'cat'])), { ...options, epochs: 1 });
    await expect(losses(teacher)).rejects.toThrow(
      "distill: expected a teacher of the classes of the data ('bee', 'cat', 'zebra') but mlp-8 also has 'ant' and lacks 'zebra'; use a teacher trained on the same classes",
    );
  });
});

describe('row 5: a training that is resumed', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'rxaug-classes-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const losses = async (source: Observable<Batch>, epochs: number) => {
    const seen: number[] = [];
    const notices: string[] = [];
    const given = { ...options, epochs, checkpoint: { dir }, resume: true };
    const model = await fitModel(source, given, (event) => {
      if (event.kind === 'step') seen.push(event.metrics.loss);
      if (event.kind === 'notice') notices.push(event.message);
    });
    expect(model.classes).toEqual(ANIMALS);
    model.dispose();
    return { seen, notices };
  };

  test('row 5: with its classes in another order it continues as if they had not moved', async () => {
    const { seen: whole } = await losses(training(), 4);
    await rm(path.join(dir, 'last.ckpt'));
    const first = await losses(training(), 2);
    const second = await losses(training(TURNED), 4);
    expect([...first.seen, ...second.seen]).toEqual(whole);
  });

  test('row 5: without a class it says so; with one more it is refused by name', async () => {
    await losses(training(), 1);
    const { notices } = await losses(batches(named('train', ['bee', 'cat']), { shuffle: true }), 2);
    expect(notices).toEqual([
      `${dir}/last.ckpt: training continues with epochs: 2, not 1 (progress goes from 100 % to 50 %); 'train' changed (without the classes 'zebra')`,
    ]);
    await expect(losses(batches(named('train', ['ant', ...ANIMALS])), 3)).rejects.toThrow(
      "train: expected the classes of the model ('bee', 'cat', 'zebra') but train also has 'ant'",
    );
  });
});
