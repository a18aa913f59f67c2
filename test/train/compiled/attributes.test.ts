/** A step whose attributes follow from the progress of training is refused, whatever numbers they are. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import { traceStep } from '../../../src/train/compiled/traced-step.js';
import type { Task } from '../../../src/train/task.js';
import { useBackend } from '../../train/golden.js';

beforeAll(() => useBackend('cpu'));

/** Multiplies what is below 0 by one number in the first half of training, and by another in the second. */
function traced(early: number, late: number): void {
  const step: Task['step'] = (state, _, { progress }) => {
    const loss = tf.sum(tf.leakyRelu(state.params.w, progress < 0.5 ? early : late));
    return { state, metrics: { loss } };
  };
  tf.tidy(() => {
    const state = { params: { w: tf.tensor1d([-1, 2]) }, stats: {}, slots: {} };
    const feed = { learningRate: tf.scalar(0.1) };
    traceStep({ step } as Task, state, feed, { key: keyOf(1), progress: 0.25 });
  });
}

test('one that stays the same is traced', () => {
  expect(() => traced(Number.NaN, Number.NaN)).not.toThrow();
});

test.each([
  [0.5, 0.25],
  [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  [Number.POSITIVE_INFINITY, Number.NaN],
  [0, -0],
])('%d and then %d is refused', (early, late) => {
  expect(() => traced(early, late)).toThrow(
    /^its operations depend on its key or on the progress of training outside of tensors; /,
  );
});
