/** Memory of a graph, by hand. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { keptBytes, nodesBehind, peakBytes } from '../../../src/graph/cost/index.js';
import { traceFunction } from '../../../src/graph/index.js';
import { useBackend } from '../../train/golden.js';

beforeAll(() => useBackend('cpu'));

const x = { name: 'x', shape: [25] };
const trace = (f: (x: tf.Tensor) => tf.Tensor | Record<string, tf.Tensor>) =>
  traceFunction((inputs) => f(inputs.x), { inputs: [x] });

it('a chain needs two tensors at a time', () => {
  expect(peakBytes(trace((x) => tf.exp(tf.sin(tf.cos(tf.neg(x))))))).toBe(2 * 100);
});

it('what is used later stays', () => {
  const graph = trace((x) => {
    const first = tf.neg(x);
    return tf.add(first, tf.exp(tf.sin(first)));
  });
  expect(peakBytes(graph)).toBe(3 * 100);
});

it('outputs stay to the end, and an output that is an input takes nothing', () => {
  expect(peakBytes(trace((x) => ({ a: tf.neg(x), b: tf.exp(x), c: tf.sin(x), d: x })))).toBe(3 * 100);
});

it('another shape is the same memory, which lives as long as any of its names', () => {
  const graph = trace((x) => {
    const square = tf.reshape(tf.neg(x), [5, 5]);
    const turned = tf.exp(square);
    return tf.add(tf.sin(turned), square);
  });
  expect(graph.nodes.some(({ op }) => op === 'Reshape')).toBe(true);
  expect(peakBytes(graph)).toBe(3 * 100);
});

it('booleans take a byte', () => {
  expect(peakBytes(trace((x) => tf.greater(x, 0)))).toBe(25);
});

it('tells what the first part keeps for the rest', () => {
  const graph = trace((x) => {
    const [a, b] = [tf.exp(x), tf.sin(x)];
    const loss = tf.sum(tf.mul(a, b));
    return { loss, gradient: tf.add(tf.mul(b, a), tf.square(tf.reshape(a, [25]))) };
  });
  const first = nodesBehind(graph, [graph.outputs.loss]);
  expect([...first].map(({ op }) => op).sort()).toEqual(['Exp', 'Multiply', 'Sin', 'Sum']);
  expect(keptBytes(graph, first)).toBe(2 * 100);
});
