/** A step in numbers, by hand. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { keyOf, linear } from '../../../src/core/index.js';
import { describeStep, type StepDescription } from '../../../src/train/compiled/describe-step.js';
import { traceStep } from '../../../src/train/compiled/traced-step.js';
import { classification, linearModel, mlp, sgd } from '../../../src/train/index.js';
import { disposeState } from '../../../src/train/state/tensors.js';
import { useBackend, wave } from '../../train/golden.js';

beforeAll(() => useBackend('cpu'));

const SIZE = 4;
const CLASSES = ['a', 'b', 'c'];

function described(options: Omit<Parameters<typeof classification>[0], 'optimizer'>): StepDescription {
  const optimizer = sgd({ momentum: 0.9 });
  const task = classification({ optimizer, ...options })({ input: [2, 2, 3], classes: CLASSES });
  const state = task.init(keyOf(1));
  const feed = {
    images: tf.tensor(wave(SIZE * 12, 0), [SIZE, 2, 2, 3]),
    targets: tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), CLASSES.length).toFloat(),
    learningRate: tf.scalar(0.1),
  };
  const step = traceStep(task, state, feed, { key: keyOf(3), progress: 0 });
  disposeState(step.state);
  disposeState(state);
  tf.dispose([step.metrics, ...Object.values(feed)]);
  return describeStep(step.traced, SIZE);
}

it('a linear model', () => {
  const step = described({ model: linearModel() });
  expect(step.parameters).toEqual({ count: 39, trained: 39, frozen: 0 });
  expect(step.state).toEqual({ params: 4 * 39, stats: 0, slots: 4 * 39 });
  // 12 weights for each of 3 classes: once forward, once for their gradient, and none for that of the images.
  expect(step.flopsPerImage.products).toBe(2 * (2 * 12 * 3));
  expect(step.metrics).toEqual(['loss', 'accuracy', 'gradientNorm']);
  expect([step.host, step.choices]).toEqual([[], []]);
});

it('parts add up', () => {
  const { kernels, flopsPerImage } = described({ model: mlp({ hidden: [8] }) });
  const { total, forward = 0, backward = 0 } = flopsPerImage;
  expect(forward).toBeGreaterThan(2 * (12 * 8 + 8 * 3));
  expect(forward).toBeLessThan(backward);
  expect(forward + backward).toBe(total);
  expect(kernels.reduce((sum, { flops }) => sum + flops, 0)).toBe(total * SIZE);
  expect(kernels.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
});

it('what the gradient uses again is kept: what comes before the loss, and no more than there is', () => {
  const { memory } = described({ model: mlp({ hidden: [8] }) });
  // The hidden layer, and the probabilities.
  expect(memory.kept).toBeGreaterThanOrEqual(4 * SIZE * (8 + 3));
  expect(memory.kept).toBeLessThan(memory.peak);
});

it('frozen parameters are those that the step gives back', () => {
  const { parameters, state } = described({ model: mlp({ hidden: [8] }), frozen: ['hidden1'] });
  expect(parameters).toEqual({ count: 12 * 8 + 8 + 8 * 3 + 3, trained: 8 * 3 + 3, frozen: 12 * 8 + 8 });
  expect(state.slots).toBe(4 * (8 * 3 + 3));
});

it('seeds and schedules are inputs from the host', () => {
  const { host } = described({ model: mlp({ hidden: [8], dropout: linear(0, 0.5) }) });
  expect(host.filter(({ dtype }) => dtype === 'int32').map(({ shape }) => shape)).toEqual([[2]]);
  expect(host.some(({ dtype }) => dtype === 'float32')).toBe(true);
});
