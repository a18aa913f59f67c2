import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { evaluate, foldConstants, type Graph, printGraph, traceFunction } from '../../src/graph/index.js';
import { classification, resnet, sgd } from '../../src/train/index.js';
import { build, forward, initialize } from '../../src/train/models/model.js';
import { normalArray } from '../../src/train/ops/noise.js';
import { flatten, unflatten } from '../../src/train/state/tensors.js';
import { backendsHere, onEveryBackend, useBackend } from '../train/golden.js';

const here = await backendsHere();

const noise = (shape: number[], key = 1) =>
  tf.tensor(normalArray(keyOf(key), tf.util.sizeFromShape(shape)), shape);
const difference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
const images = { name: 'images', shape: [null, 8, 8, 3] };

describe.each(here)('tracing on %s', (backend) => {
  let before: tf.MemoryInfo;
  let kernels: unknown[];
  const state = () =>
    tf.getKernelsForBackend(backend).flatMap(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]);
  beforeAll(() => useBackend(backend));
  beforeEach(() => {
    before = tf.memory();
    kernels = state();
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(tf.getBackend()).toBe(backend);
    expect(new Set(state())).toEqual(new Set(kernels));
  });

  test('printGraph prints the kernels in order', () => {
    const kernel = tf.ones([3, 3, 3, 4]);
    const graph = traceFunction(
      ({ images }) => {
        const y = tf.relu(tf.conv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 2, 'same'));
        return { features: tf.add(tf.mean(y, [1, 2]), 1), images: y.reshape([-1, 64]) };
      },
      { inputs: [images], params: { kernel } },
    );
    kernel.dispose();
    expect(printGraph(graph)).toBe(
      `input images: float32[B, 8, 8, 3]
param kernel: float32[3, 3, 3, 4]
const %c1: float32[] = 1
%1: float32[B, 4, 4, 4] = Conv2D(x: images, filter: kernel) strides=2 pad="same" dataFormat="NHWC" dilations=[1, 1]
%2: float32[B, 4, 4, 4] = Relu(x: %1)
%3: float32[B, 4] = Mean(x: %2) axis=[1, 2] keepDims=false
%4: float32[B, 4] = Add(a: %3, b: %c1)
%5: float32[B, 64] = Reshape(x: %2) shape=[-1, 64]
output features = %4
output images = %5
`,
    );
  });

  test('a network traced with an open batch computes the same for any batch, folded or not', () => {
    tf.tidy(() => {
      const network = build(resnet(8, { width: 4 }), { input: [8, 8, 3], classes: ['a', 'b', 'c'] });
      const weights = initialize(network, keyOf(1));
      const all = flatten({ ...weights, slots: {} });
      const graph = traceFunction(({ images }) => ({ logits: forward(network, weights, images).logits }), {
        inputs: [images],
        params: all,
        kernels: 'standard',
      });
      const folded = foldConstants(graph);
      expect(folded.nodes.length).toBeLessThan(graph.nodes.length);
      expect(graph.params).toHaveLength(Object.keys(all).length);
      const x = noise([7, 8, 8, 3]);
      const { logits } = forward(network, weights, x);
      for (const each of [graph, folded]) {
        expect(difference(evaluate(each, { images: x }).logits, logits)).toBeLessThan(1e-5);
      }
    });
  });

  test('a whole training step: gradients, batch norm, optimizer and new state', () => {
    tf.tidy(() => {
      const task = classification({
        model: resnet(8, { width: 4 }),
        optimizer: sgd({ momentum: 0.9, nesterov: true }),
        weightDecay: 1e-3,
        labelSmoothing: 0.1,
        clipNorm: 1,
      })({ input: [8, 8, 3], classes: ['a', 'b'] });
      const first = task.init(keyOf(1));
      const step = (inputs: Record<string, tf.Tensor>) => {
        const { images, targets, learningRate, ...flat } = inputs;
        const feed = { images, targets, learningRate: learningRate as tf.Scalar };
        const stepped = task.step(unflatten(flat), feed, { key: keyOf(2), progress: 0 });
        return { ...flatten(stepped.state), loss: stepped.metrics.loss };
      };
      const graph = traceFunction(step, {
        inputs: [
          { name: 'images', shape: [4, 8, 8, 3] },
          { name: 'targets', shape: [4, 2] },
          { name: 'learningRate', shape: [] },
          ...Object.entries(flatten(first)).map(([name, { shape }]) => ({ name, shape })),
        ],
      });
      const ops = new Set(graph.nodes.map(({ op }) => op));
      expect(ops).toContain('Conv2DBackpropFilter');
      expect(ops.has('FusedBatchNormGradV3')).toBe(backend === 'tensorflow');
      const given = {
        images: noise([4, 8, 8, 3]),
        targets: tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 1], [4, 2]),
        learningRate: tf.scalar(0.1),
        ...flatten(first),
      };
      const expected = step(given);
      const got = evaluate(graph, given);
      expect(Object.keys(got)).toEqual(Object.keys(expected));
      for (const [name, tensor] of Object.entries(expected)) {
        expect([name, difference(got[name], tensor)]).toEqual([name, expect.closeTo(0, 5)]);
      }
    });
  });

  test('zeros of the batch size, which gradients make without a kernel, stay open', () => {
    const graph = traceFunction(
      ({ x }) => tf.grad((y) => tf.sum(tf.concat([tf.square(y), tf.zerosLike(y)], 0)))(x),
      { inputs: [{ name: 'x', shape: [null, 2] }] },
    );
    tf.tidy(() => {
      const x = noise([4, 2]);
      expect(difference(evaluate(graph, { x }).output, tf.mul(x, 2))).toBeLessThan(1e-6);
    });
  });

  test('an input that is missing when a graph runs is named, also behind one with the batch', () => {
    const graph = traceFunction(({ x, y }) => tf.add(x, y), {
      inputs: [
        { name: 'x', shape: [null, 2] },
        { name: 'y', shape: [2] },
      ],
    });
    tf.tidy(() => {
      expect(() => evaluate(graph, { x: noise([4, 2]) })).toThrow(
        "evaluate: expected an input 'y' but received",
      );
    });
  });

  const refused: [string, (inputs: Record<string, tf.Tensor>) => tf.Tensor, RegExp][] = [
    ['reads numbers', ({ x }) => tf.mul(x, x.mean().dataSync()[0]), /reads the numbers of a tensor/],
    ['reads them later', ({ x }) => tf.add(x, Number(!x.square().data())), /reads the numbers of a tensor/],
    [
      'has a constant of the batch size',
      ({ x }) => tf.div(x, x.shape[0]),
      /constant has other numbers for a batch of 3 than/,
    ],
    ['draws noise', ({ x }) => tf.add(x, noise(x.shape)), /constant has other numbers/],
    [
      'branches by the batch',
      ({ x }) => (x.shape[0] > 4 ? tf.relu(x) : tf.square(x)),
      /computes something else/,
    ],
    [
      'pads the batch',
      ({ x }) =>
        tf.pad(x, [
          [0, 1],
          [0, 0],
        ]),
      /multiple of the batch size/,
    ],
    ['returns nothing', () => undefined as unknown as tf.Tensor, /expected a tensor, or tensors by name/],
    [
      'throws',
      () => {
        throw new Error('mine');
      },
      /^mine$/,
    ],
  ];
  test.each(refused)('a function that %s is refused', (_, f, sentence) => {
    expect(() => traceFunction(f, { inputs: [{ name: 'x', shape: [null, 2] }] })).toThrow(sentence);
  });

  test('numbers of constants may be read', () => {
    const graph: Graph = traceFunction(({ x }) => tf.add(x, tf.scalar(2).square().dataSync()[0]), {
      inputs: [{ name: 'x', shape: [null] }],
    });
    expect(graph.constants.map(({ data }) => [...data])).toEqual([[4]]);
  });

  test("kernels: 'standard' hides rxaug's own kernels", () => {
    const seen: boolean[] = [];
    for (const kernels of ['all', 'standard'] as const) {
      const f = ({ x }: Record<string, tf.Tensor>) => {
        seen.push(tf.getKernel('ReluGrad', backend) !== undefined);
        return tf.relu(x);
      };
      traceFunction(f, { inputs: [{ name: 'x', shape: [2] }], kernels });
    }
    expect(seen).toEqual([backend === 'tensorflow', false]);
  });
});

onEveryBackend(
  'tracing on %s',
  (backend) => {
    test('is refused where numbers cannot be read at once', async () => {
      await useBackend(backend);
      const f = ({ x }: Record<string, tf.Tensor>) => tf.add(x, 1);
      expect(() => traceFunction(f, { inputs: [{ name: 'x', shape: [null] }] })).toThrow(
        /^trace: numbers on the backend 'webgpu' cannot be read at once .*loadBackend\('wasm'\) first/,
      );
    });
  },
  ['webgpu'],
);
