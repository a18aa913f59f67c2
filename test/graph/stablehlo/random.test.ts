/** Random numbers: those of native TensorFlow, bit by bit. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { writeStableHlo } from '../../../src/graph/stablehlo/write.js';
import { runKernel } from '../../../src/train/ops/kernels.js';
import { onEveryBackend, useBackend } from '../../train/golden.js';
import { beyond, differences, type Tensors, traced, withPrograms } from './program.js';

const seed = (a: number, b: number) => tf.tensor1d([a, b], 'int32');
const uniform = (s: tf.Tensor, shape: number[]) =>
  runKernel('StatelessRandomUniform', { seed: s }, { shape })[0];

onEveryBackend(
  'random numbers of %s',
  (backend) => {
    beforeAll(() => useBackend(backend));

    const draws = ({ a, b, c }: Tensors): Tensors => ({
      one: uniform(a, [1]),
      odd: uniform(a, [2, 3, 7]),
      negative: uniform(b, [1000]),
      large: uniform(c, [65, 63, 17]),
      // A seed that is computed is drawn from where it is known, not with the others.
      late: uniform(tf.add(a, b), [9]),
      product: tf.mul(uniform(a, [5]), uniform(b, [5])),
    });
    const seeds = (): Tensors => ({
      a: seed(7, 2 ** 31 - 1),
      b: seed(-1, -(2 ** 31)),
      c: seed(123456789, -987654321),
    });

    withPrograms('through a plugin', () => {
      test('equal those of the program to the bit', async () => {
        const given = seeds();
        expect(beyond(0, await differences(draws, given))).toEqual({});
        tf.dispose(given);
      });

      test('also where one draw is too large to share the generator', async () => {
        const given = seeds();
        const f = ({ a, b }: Tensors) => ({
          x: uniform(a, [2 ** 22 - 2]),
          y: uniform(b, [7]),
          z: uniform(a, [5]),
        });
        expect(beyond(0, await differences(f, given))).toEqual({});
        tf.dispose(given);
      });
    });

    test('many draws share one generator in the text', () => {
      const given = seeds();
      const lines = (n: number) =>
        writeStableHlo(
          traced(
            ({ a }) =>
              Object.fromEntries(Array.from({ length: n }, (_, i) => [`x${i}`, uniform(a, [10 + i])])),
            given,
          ),
        ).split('\n').length;
      expect(lines(20) - lines(10)).toBeLessThan(100);
      tf.dispose(given);
    });
  },
  ['tensorflow'],
);
