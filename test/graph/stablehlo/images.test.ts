/** Convolutions, pools, normalization and resizing compared with the kernels that they stand for. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { runKernel } from '../../../src/train/ops/kernels.js';
import { tensor } from '../../train/backends/gradients.js';
import { onEveryBackend, useBackend } from '../../train/golden.js';
import { beyond, differences, type Tensors, withPrograms } from './program.js';

type Four = tf.Tensor4D;
const TOLERANCE = 3e-6;

/** An operation and its gradients towards all of its inputs. */
const withGradients =
  (f: (...inputs: tf.Tensor[]) => tf.Tensor) =>
  (inputs: Tensors): Tensors => {
    const list = Object.values(inputs);
    const y = f(...list);
    const weights = tensor(6, y.shape as tf.ShapeMap[tf.Rank]);
    const gradients = tf.grads((...xs: tf.Tensor[]) => f(...xs))(list, weights);
    return { y, ...Object.fromEntries(gradients.map((gradient, i) => [`d${i}`, gradient])) };
  };

type Pad = Parameters<typeof tf.conv2d>[3];
const around: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

type How = [stride: number | [number, number], pad: Pad, dilation: number, kernel: number];
const convolutions: How[] = [
  [1, 'same', 1, 3],
  [1, 'valid', 1, 3],
  [2, 'same', 1, 3],
  [2, 'valid', 1, 3],
  [3, 'same', 1, 2],
  [2, 'same', 1, 1],
  [[2, 1], 'same', 1, 4],
  [1, 'same', 2, 3],
];
const explicit: How[] = [
  [1, 2, 1, 3],
  [2, around, 1, 3],
];

async function expectConvolution([stride, pad, dilation, kernel]: How): Promise<void> {
  const given = {
    x: tensor(1, [2, 9, 8, 3]),
    filter: tensor(2, [kernel, kernel + (kernel > 2 ? -1 : 0), 3, 4]),
  };
  const f = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2d(x as Four, filter as Four, stride, pad, 'NHWC', dilation);
  // tfjs itself has no gradient of dilated convolutions.
  const g = dilation === 1 ? withGradients(f) : ({ x, filter }: Tensors) => ({ y: f(x, filter) });
  expect(beyond(TOLERANCE, await differences(g, given))).toEqual({});
  tf.dispose(given);
}

withPrograms('images', () => {
  onEveryBackend(
    'as kernels of %s',
    (backend) => {
      beforeAll(() => useBackend(backend));

      test.each(convolutions)('convolution of stride %j, padding %j, dilation %i, kernel %i', (...how) =>
        expectConvolution(how),
      );

      test.each([
        [1, 'same', 1],
        [2, 'same', 3],
        [1, 'valid', 2],
      ] as const)(
        'depthwise convolution of stride %i, padding %s, %i filters a channel',
        async (stride, pad, m) => {
          const given = { x: tensor(1, [2, 7, 6, 3]), filter: tensor(2, [3, 2, 3, m]) };
          const f = withGradients((x, filter) => tf.depthwiseConv2d(x as Four, filter as Four, stride, pad));
          expect(beyond(TOLERANCE, await differences(f, given))).toEqual({});
          tf.dispose(given);
        },
      );

      test.each([
        [2, 2, 'valid'],
        [3, 2, 'same'],
        [3, 1, 'same'],
        [[3, 2], [1, 2], 'valid'],
        [1, 2, 'valid'],
      ] as [number | [number, number], number | [number, number], 'same'][])(
        'pools of %j at stride %j, padding %s',
        async (size, stride, pad) => {
          const given = { x: tensor(1, [2, 7, 8, 3]) };
          const f = ({ x }: Tensors) => ({
            ...withGradients((v) => tf.maxPool(v as Four, size, stride, pad))({ x }),
            ...renamed('avg', withGradients((v) => tf.avgPool(v as Four, size, stride, pad))({ x })),
          });
          expect(beyond(TOLERANCE, await differences(f, given))).toEqual({});
          tf.dispose(given);
        },
      );

      test('of equal numbers the first has the gradient of a pool', async () => {
        const given = { x: tf.ones([1, 4, 4, 1]) };
        const f = withGradients((x) => tf.maxPool(x as Four, 2, 2, 'valid'));
        expect(beyond(0, await differences(f, given))).toEqual({});
        tf.dispose(given);
      });

      test('resizing, and its gradients', async () => {
        const given = { x: tensor(1, [2, 4, 6, 3]) };
        const sizes: [number, number][] = [
          [8, 12],
          [7, 5],
          [2, 3],
          [4, 6],
        ];
        const f = ({ x }: Tensors): Tensors =>
          Object.assign(
            {},
            ...sizes.flatMap((size) =>
              [false, true].flatMap((corners) => [
                renamed(
                  `nearest ${size} ${corners} `,
                  withGradients((v) => tf.image.resizeNearestNeighbor(v as Four, size, corners))({ x }),
                ),
                renamed(
                  `bilinear ${size} ${corners} `,
                  withGradients((v) => tf.image.resizeBilinear(v as Four, size, corners))({ x }),
                ),
              ]),
            ),
            ...sizes.map((size) => ({
              [`half ${size}`]: tf.image.resizeBilinear(x as Four, size, false, true),
              [`nearest half ${size}`]: tf.image.resizeNearestNeighbor(x as Four, size, false, true),
            })),
          );
        expect(beyond(TOLERANCE, await differences(f, given))).toEqual({});
        tf.dispose(given);
      });

      test('fused convolutions', async () => {
        const given = { x: tensor(1, [2, 5, 5, 3]), filter: tensor(2, [3, 3, 3, 4]), bias: tensor(3, [4]) };
        const f = ({ x, filter, bias }: Tensors): Tensors =>
          Object.fromEntries(
            (['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const).map((activation) => [
              activation,
              tf.fused.conv2d({
                x: x as Four,
                filter: filter as Four,
                strides: 2,
                pad: 'same',
                bias,
                activation,
              }),
            ]),
          );
        expect(beyond(TOLERANCE, await differences(f, given))).toEqual({});
        tf.dispose(given);
      });

      test('fused batch normalization, its gradient, and that of relu', async () => {
        const given = {
          x: tf.add(tensor(1, [4, 3, 3, 5]), 3),
          scale: tensor(2, [5]),
          shift: tensor(3, [5]),
          mean: tensor(4, [5]),
          variance: tf.abs(tensor(5, [5])),
          dy: tensor(6, [4, 3, 3, 5]),
        };
        const f = ({ dy, ...inputs }: Tensors): Tensors => {
          const how = { momentum: 0.1, epsilon: 1e-3 };
          const made = runKernel('FusedBatchNormV3', inputs, how);
          const [y, movedMean, movedVariance, mean, variance, reserve] = made;
          const { x, scale } = inputs;
          const back = runKernel('FusedBatchNormGradV3', { dy, x, scale, mean, variance, reserve }, how);
          const [dx, dScale, dShift] = back;
          const relu = runKernel('ReluGrad', { dy, y })[0];
          return { y, movedMean, movedVariance, mean, variance, dx, dScale, dShift, relu };
        };
        expect(beyond(1e-5, await differences(f, given))).toEqual({});
        tf.dispose(given);
      });
    },
    ['tensorflow'],
  );

  onEveryBackend(
    'as kernels of %s, which native TensorFlow lacks',
    (backend) => {
      beforeAll(() => useBackend(backend));

      test.each(explicit)('convolution of stride %j, padding %j, dilation %i, kernel %i', (...how) =>
        expectConvolution(how),
      );
    },
    ['cpu'],
  );

  describe('bfloat16', () => {
    beforeAll(() => useBackend('cpu'));

    test('rounds the operands of products and convolutions, and nothing else', async () => {
      const given = { x: tensor(1, [2, 6, 6, 8]), filter: tensor(2, [3, 3, 8, 8]), w: tensor(3, [8, 5]) };
      const f = withGradients((x, filter, w) =>
        tf.matMul(
          tf.mean(tf.conv2d(x as Four, filter as Four, 1, 'same'), [1, 2]) as tf.Tensor2D,
          w as tf.Tensor2D,
        ),
      );
      const off = await differences(f, given, { precision: 'bfloat16' });
      expect(beyond(2e-2, off)).toEqual({});
      expect(Math.min(...Object.values(off))).toBeGreaterThan(1e-5);
      expect(beyond(TOLERANCE, await differences(f, given, { precision: 'tensorfloat32' }))).toEqual({});
      const sums = await differences(
        ({ x }) => ({ y: tf.sum(tf.square(x), [1, 2]) }),
        { x: given.x },
        { precision: 'bfloat16' },
      );
      expect(beyond(TOLERANCE, sums)).toEqual({});
      tf.dispose(given);
    });
  });
});

function renamed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}
