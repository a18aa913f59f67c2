/** The gradients that image models are made of agree with finite differences, on every backend there is. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { gelu } from '../../../src/train/ops/gelu.js';
import { standardize } from '../../../src/train/ops/standardize.js';
import { onEveryBackend, useBackend } from '../golden.js';
import { expectGradient, tensor } from './gradients.js';

const image: [number, number, number, number] = [2, 6, 6, 3];
const rank4 = (seed: number, ...shape: [number, number, number, number]) => tensor<tf.Rank.R4>(seed, shape);
/** The first numbers of x as a filter. */
const filter = (x: tf.Tensor, ...shape: [number, number, number, number]) =>
  tf.reshape(tf.slice(tf.reshape(x, [-1]), [0], [tf.util.sizeFromShape(shape)]), shape) as tf.Tensor4D;
const flat = (x: tf.Tensor) => tf.reshape(x, [12, 18]) as tf.Tensor2D;
const cube = (x: tf.Tensor) => tf.mul(tf.square(x), x);

const functions: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(tf.mul(x, 7.85)),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  softplus: (x) => tf.softplus(x),
  elu: (x) => tf.elu(x),
  leakyRelu: (x) => tf.leakyRelu(x, 0.2),
  erf: (x) => tf.erf(x),
  'gelu, erf': (x) => gelu(tf.mul(x, 3), 'erf'),
  standardize: (x) => standardize(x, [3], 1e-3),
  'standardize of groups': (x) => standardize(x, [1, 2], 1e-5),
  'slope of standardize': (x) => tf.grad((y) => cube(standardize(y, [1], 1e-2)))(x),
  'slope of gelu, erf': (x) => tf.grad((y) => gelu(y, 'erf'))(tf.mul(x, 2)),
  'gelu, tanh': (x) => gelu(tf.mul(x, 3), 'tanh'),
  exp: (x) => tf.exp(x),
  log: (x) => tf.log(tf.add(x, 2)),
  sqrt: (x) => tf.sqrt(tf.add(x, 2)),
  pow: (x) => tf.pow(tf.add(x, 2), 1.5),
  'div by norm': (x) => tf.div(x, tf.sqrt(tf.sum(tf.square(x)))),
  clipByValue: (x) => tf.clipByValue(x, -0.5, 0.5),
  maximum: (x) => tf.maximum(x, tf.mul(x, 0.5)),
  'maxPool 2/2': (x) => tf.maxPool(x, 2, 2, 'same'),
  'maxPool 3/1': (x) => tf.maxPool(x, 3, 1, 'same'),
  'maxPool 3/2 same': (x) => tf.maxPool(x, 3, 2, 'same'),
  'maxPool 3/2 valid': (x) => tf.maxPool(x, 3, 2, 'valid'),
  'avgPool 2/2': (x) => tf.avgPool(x, 2, 2, 'same'),
  'avgPool 3/1': (x) => tf.avgPool(x, 3, 1, 'same'),
  'avgPool 3/2 same': (x) => tf.avgPool(x, 3, 2, 'same'),
  'avgPool 3/2 valid': (x) => tf.avgPool(x, 3, 2, 'valid'),
  'global mean': (x) => tf.mean(x, [1, 2]),
  'global max': (x) => tf.max(x, [1, 2]),
  gather: (x) => tf.gather(x, [1, 1, 3, 0], 1),
  reverse: (x) => tf.reverse(x, [1]),
  concat: (x) => tf.concat([x, tf.square(x)], 3),
  unstack: (x) => tf.unstack(x, 1).reduce((sum, part, i) => tf.add(sum, tf.mul(part, i + 1))),
  stack: (x) => tf.stack([x, tf.square(x)], 1),
  split: (x) => tf.sub(...(tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor])),
  tile: (x) => tf.tile(x, [1, 2, 1, 2]),
  pad: (x) =>
    tf.pad(x, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 3],
    ]),
  slice: (x) => tf.slice(x, [0, 1, 2, 0], [2, 3, 3, 2]),
  transpose: (x) => tf.transpose(x, [3, 1, 2, 0]),
  'nearest up 2': (x) => tf.image.resizeNearestNeighbor(x, [12, 12]),
  'nearest up, odd': (x) => tf.image.resizeNearestNeighbor(x, [9, 13]),
  'nearest up, corners': (x) => tf.image.resizeNearestNeighbor(x, [9, 13], true),
  'nearest down': (x) => tf.image.resizeNearestNeighbor(x, [3, 4]),
  'bilinear up': (x) => tf.image.resizeBilinear(x, [9, 13]),
  'bilinear down': (x) => tf.image.resizeBilinear(x, [4, 3]),
  'conv2d, image': (x) => tf.conv2d(x, rank4(3, 3, 3, 3, 4), 2, 'same'),
  'conv2d, filter': (x) => tf.conv2d(rank4(3, ...image), filter(x, 3, 3, 3, 4), 2, 'same'),
  'conv2d 1×1, filter': (x) => tf.conv2d(rank4(3, ...image), filter(x, 1, 1, 3, 7), 2, 'valid'),
  'conv2dTranspose, image': (x) => tf.conv2dTranspose(x, rank4(3, 4, 4, 2, 3), [2, 12, 12, 2], 2, 'same'),
  'conv2dTranspose, filter': (x) =>
    tf.conv2dTranspose(rank4(3, ...image), filter(x, 4, 4, 2, 3), [2, 12, 12, 2], 2, 'same'),
  'depthwise, image': (x) => tf.depthwiseConv2d(x, rank4(3, 3, 3, 3, 2), 2, 'same'),
  'depthwise, filter': (x) => tf.depthwiseConv2d(rank4(3, ...image), filter(x, 3, 3, 3, 2), 2, 'same'),
  'matMul, left': (x) => tf.matMul(flat(x), tensor<tf.Rank.R2>(3, [18, 4])),
  'matMul, transposed': (x) => tf.matMul(flat(x), tensor<tf.Rank.R2>(3, [12, 4]), true),
  'batch norm': (x) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, [0.1, 0.2, 0.3], [1, 2, 3], 1e-3);
  },
  'fixed batch norm': (x) => tf.batchNorm(x, [0.1, 0, 0], [1, 2, 3], [0.1, 0.2, 0.3], [1, 2, 3], 1e-3),
  'matMul of batches': (x) => tf.matMul(x, tf.square(x), false, true),
  'softmax of batches': (x) => tf.softmax(tf.mul(x, 3)),
  softmax: (x) => tf.softmax(flat(x)),
  logSoftmax: (x) => tf.logSoftmax(flat(x)),
  'soft cross entropy': (x) =>
    tf.neg(tf.sum(tf.mul(tf.softmax(tensor<tf.Rank.R2>(7, [12, 18])), tf.logSoftmax(flat(x))), 1)),
};

onEveryBackend('gradients on %s', (name) => {
  beforeAll(() => useBackend(name));
  it.each(Object.keys(functions))('%s', async (key) => {
    const before = tf.memory().numTensors;
    await expectGradient(functions[key] as (x: tf.Tensor) => tf.Tensor, image);
    expect(tf.memory().numTensors).toBe(before);
  });
});
