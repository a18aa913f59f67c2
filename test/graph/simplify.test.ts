/** Equal nodes become one, and only those. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { evaluate } from '../../src/graph/evaluate.js';
import { traceFunction } from '../../src/graph/index.js';
import { simplify } from '../../src/graph/simplify.js';
import { useBackend } from '../train/golden.js';

beforeAll(() => useBackend('cpu'));

const sloped = (alphas: readonly number[]) =>
  traceFunction(({ x }) => Object.fromEntries(alphas.map((alpha, i) => [`y${i}`, tf.leakyRelu(x, alpha)])), {
    inputs: [{ name: 'x', shape: [2] }],
  });

test('nodes of one kernel and the same attributes are one', () => {
  expect(simplify(sloped([0.5, 0.25, 0.5])).nodes).toHaveLength(2);
});

test('attributes that JSON writes alike are told apart: infinities, NaN and the sign of 0', () => {
  const graph = sloped([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0]);
  tf.tidy(() => {
    const outputs = evaluate(simplify(graph), { x: tf.tensor1d([-1, 2]) });
    expect(Object.values(outputs).map((y) => y.dataSync()[0])).toEqual([
      ...[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN, -0, 0],
    ]);
  });
});
