/** What is read off a model: calibration, norms, zeros, the effective learning rate; and that it costs little. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EpochEvent, TrainEvent } from '../../src/core/events.js';
import { Calibration, judged } from '../../src/train/classification/calibration.js';
import {
  batchNorm,
  globalPool,
  l1,
  mlp,
  model,
  sequential,
  sgd,
  type TrainOptions,
  train,
} from '../../src/train/index.js';
import { weightReport } from '../../src/train/loop/weight-report.js';
import { fakeBatches } from './batches.js';
import { golden, onEveryBackend, useBackend } from './golden.js';

interface Golden {
  readonly cases: readonly { logits: number[]; labels: number[]; ece: number }[];
  readonly edge: { confidences: number[]; right: number[]; ece: number };
}

onEveryBackend('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(golden<Golden>('calibration.json').cases)(
    'the calibration error is that of Guo, case %#',
    async ({ logits, labels, ece }) => {
      const calibration = new Calibration();
      const z = tf.tensor2d(logits, [150, 4]);
      const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 4).toFloat() as tf.Tensor2D;
      for (const [from, size] of [
        [0, 100],
        [100, 50],
      ]) {
        const part = judged(z.slice([from, 0], [size, 4]), y.slice([from, 0], [size, 4]));
        calibration.add((await part.data()) as Float32Array);
      }
      expect(calibration.error).toBeCloseTo(ece, 5);
    },
  );

  test('norms, zeros and the effective learning rate of known kernels', async () => {
    const params = {
      a: tf.tensor2d([3, 0, 0, 4], [2, 2]),
      b: tf.tensor1d([5e-7, 0, 1, -5e-7]),
      spared: tf.tensor1d([100]),
    };
    const before = tf.memory().numTensors;
    const { norm, norms, zeros, nearZeros, effectiveLearningRate } = await weightReport(
      params,
      ['a', 'b'],
      0.5,
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(norm).toBeCloseTo(Math.sqrt(26), 5);
    expect([norms.a, norms.b]).toEqual([5, expect.closeTo(1, 5)]);
    expect(zeros).toBe(3 / 8);
    expect(nearZeros).toBe(5 / 8);
    expect(effectiveLearningRate).toBeCloseTo((0.5 / 25 + 0.5 / 1) / 2, 6);
    const zero = { ...params, zero: tf.zeros([4]) };
    const some = await weightReport(zero, ['a', 'zero', 'b'], 0.5);
    expect(some.effectiveLearningRate).toBe(effectiveLearningRate); // of what has a direction
    expect(some.zeros).toBe(7 / 12);
    const none = await weightReport(zero, ['zero'], 0.5);
    expect(none).toMatchObject({ norm: 0, zeros: 1, nearZeros: 1, effectiveLearningRate: 0 });
  });
});

test('a confidence on the border of two bins belongs to the lower', () => {
  const { confidences, right, ece } = golden<Golden>('calibration.json').edge;
  const calibration = new Calibration();
  calibration.add([...confidences, ...right]);
  expect(calibration.error).toBeCloseTo(ece, 6);
});

test('a perfectly calibrated guess has no error, a certain and wrong one has all', () => {
  const fair = new Calibration();
  fair.add([0.5, 0.5, 1, 0]);
  expect(fair.error).toBe(0);
  const wrong = new Calibration();
  wrong.add([1, 1, 0, 0]);
  expect(wrong.error).toBe(1);
});

async function epochsOf(
  options: Partial<TrainOptions>,
): Promise<{ epochs: EpochEvent[]; events: TrainEvent[] }> {
  const events: TrainEvent[] = [];
  await train(fakeBatches({ perEpoch: 8, epochs: 4 }).batches$, {
    model: mlp({ hidden: [8] }),
    learningRate: 0.05,
    validation: () => fakeBatches({ seed: 2 }).batches$,
    trainEvaluation: () => fakeBatches({ seed: 1 }).batches$,
    backend: 'cpu',
    ...options,
  }).forEach((event) => {
    events.push(event);
  });
  return { events, epochs: events.filter((event): event is EpochEvent => event.kind === 'epoch') };
}

describe('events of the trainer hold', () => {
  test('loss, accuracy and calibration of both sets, the gap and the weights, after each epoch and at the end', async () => {
    const { epochs, events } = await epochsOf({ evaluateEvery: 2 });
    expect(epochs).toHaveLength(4);
    for (const { epoch, clean, validation, gap, weights, learningRate } of epochs) {
      const due = epoch % 2 === 1;
      expect(Object.keys(validation ?? {})).toEqual(due ? ['loss', 'accuracy', 'ece'] : []);
      if (due) expect(gap).toBeCloseTo((clean?.accuracy ?? 0) - (validation?.accuracy ?? 0), 10);
      for (const set of due ? [clean, validation] : []) {
        expect(set?.ece).toBeGreaterThan(0);
        expect(set?.ece).toBeLessThan(1);
      }
      const norms = Object.values(weights?.norms ?? {});
      expect(norms).toHaveLength(2); // kernels only
      expect(weights?.norm).toBeCloseTo(Math.hypot(...norms), 5);
      const effective = norms.map((norm) => learningRate / norm ** 2);
      expect(weights?.effectiveLearningRate).toBeCloseTo((effective[0] + effective[1]) / 2, 8);
      expect(weights?.zeros).toBe(0);
    }
    const done = events.at(-1);
    expect(done).toMatchObject({
      kind: 'done',
      weights: epochs[3].weights,
      validation: epochs[3].validation,
    });
  });

  test('nothing of the weights of a model without kernels, which trains all the same', async () => {
    const { epochs, events } = await epochsOf({
      model: model('gains', () => sequential([globalPool(), batchNorm()])),
    });
    expect(epochs).toHaveLength(4);
    for (const epoch of epochs) expect(epoch.weights).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ kind: 'done', weights: undefined });
    expect(epochs[3].validation?.loss).toBeLessThan(epochs[0].validation?.loss ?? 0);
  });

  test('zeros where a proximal L1 makes them, and smaller norms with weight decay', async () => {
    const plain = (await epochsOf({ optimizer: sgd() })).epochs.at(-1)?.weights;
    const sparse = (
      await epochsOf({ optimizer: sgd(), penalties: [l1(0.3, { form: 'proximal' })] })
    ).epochs.at(-1)?.weights;
    const decayed = (await epochsOf({ optimizer: sgd(), weightDecay: 0.5 })).epochs.at(-1)?.weights;
    expect(plain?.zeros).toBe(0);
    expect(sparse?.zeros).toBeGreaterThan(0.3);
    expect(sparse?.nearZeros).toBeGreaterThanOrEqual(sparse?.zeros ?? 1);
    expect(decayed?.norm).toBeLessThan(0.8 * (plain?.norm ?? 0));
    expect(decayed?.effectiveLearningRate).toBeGreaterThan(plain?.effectiveLearningRate ?? 1);
  });

  test('the weights of the best epoch, when those are restored', async () => {
    const { epochs, events } = await epochsOf({
      earlyStopping: { metric: 'ece', patience: Number.POSITIVE_INFINITY },
      learningRate: 0.5,
    });
    const done = events.at(-1) as Extract<TrainEvent, { kind: 'done' }>;
    expect(done.best?.metric).toBe('ece');
    expect(done.best?.value).toBe(Math.min(...epochs.map(({ validation }) => validation?.ece ?? 1)));
    expect(done.weights?.norms).toEqual(epochs[done.best?.epoch ?? 0].weights?.norms);
  });
});
