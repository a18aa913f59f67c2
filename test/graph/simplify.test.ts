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

test('an input or a parameter that is named like a result is another value', () => {
  const inputs = ['%1', '%2', '%c1'].map((name) => ({ name, shape: [2] }));
  const param = tf.tensor1d([5, 6]);
  const graph = traceFunction(
    (given) => {
      const made = tf.mul(given['%1'], tf.tensor1d([2, 3]));
      return {
        ofResult: tf.neg(made),
        ofInput: tf.neg(given['%1']),
        ofOther: tf.neg(given['%2']),
        ofParam: tf.neg(param),
        sum: tf.add(given['%c1'], tf.tensor1d([0.5, 0.25])),
      };
    },
    { inputs, params: { '%3': param } },
  );
  const { params, constants, nodes } = graph;
  const values = [...graph.inputs, ...[...params, ...constants].map(({ value }) => value)];
  const names = [...values, ...nodes.flatMap(({ outputs }) => outputs)].map(({ name }) => name);
  expect([...new Set(names)]).toEqual(names);
  tf.tidy(() => {
    const given = { '%1': tf.tensor1d([1, 2]), '%2': tf.tensor1d([3, 4]), '%c1': tf.tensor1d([7, 8]) };
    const outputs = evaluate(simplify(graph), given);
    expect(Object.values(outputs).map((y) => [...y.dataSync()])).toEqual([
      ...[
        [-2, -6],
        [-1, -2],
        [-3, -4],
        [-5, -6],
        [7.5, 8.25],
      ],
    ]);
  });
  param.dispose();
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
