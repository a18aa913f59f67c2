/** Noise is the same on every backend: the numbers of TensorFlow's StatelessRandomUniform. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fold, type Key, keyOf } from '../../src/core/index.js';
import { evaluate } from '../../src/graph/evaluate.js';
import { traceFunction } from '../../src/graph/trace.js';
import type { TfjsBackend } from '../../src/train/backends/backend.js';
import {
  dropBlock,
  dropout,
  embeddingDropout,
  type Layer,
  spatialDropout,
  stochasticDepth,
} from '../../src/train/layers/index.js';
import { runKernel, StatelessRandomUniform } from '../../src/train/ops/kernels.js';
import { normal, uniform } from '../../src/train/ops/noise.js';
import { philoxUniform } from '../../src/train/ops/philox.js';
import { applyLayer, golden, numbersOf, onEveryBackend, tidied, useBackend } from './golden.js';

const cases = golden<{ seed: [number, number]; size: number; last: number[] }[]>('noise.json');
const bits = (numbers: ArrayLike<number>) => [...new Int32Array(Float32Array.from(numbers).buffer)];
const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)));

test.each(cases)('seed $seed, $size numbers: those of TensorFlow from Python', ({ seed, size, last }) => {
  const numbers = philoxUniform(...seed, size);
  expect(numbers).toHaveLength(size);
  expect([...numbers.slice(-last.length)].map((x) => x * 2 ** 23)).toEqual(last);
});

/** Whole numbers as they are folded in: counts, tags, and large ones. */
const path = fc.array(fc.oneof(fc.nat(3), fc.nat(2 ** 32 - 1), fc.maxSafeNat()), { maxLength: 4 });
const streamOf = (root: Key, folded: readonly number[]) => {
  const { a, b } = fold(root, ...folded);
  return bits(philoxUniform(a, b, 8)).join();
};

test('different paths from one key give different streams, and equal ones the same', () =>
  fc.assert(
    fc.property(fc.maxSafeNat(), path, path, (seed, one, other) => {
      const same = one.join() === other.join();
      expect(streamOf(keyOf(seed), one) === streamOf(keyOf(seed), other)).toBe(same);
    }),
    { numRuns: 2000 },
  ));

test('a path that goes on gives other streams than its beginning', () =>
  fc.assert(
    fc.property(fc.maxSafeNat(), path, path, (seed, one, more) => {
      fc.pre(more.length > 0);
      expect(streamOf(keyOf(seed), [...one, ...more])).not.toBe(streamOf(keyOf(seed), one));
      const root = fold(keyOf(seed), ...one);
      expect(streamOf(root, more)).toBe(streamOf(keyOf(seed), [...one, ...more]));
    }),
    { numRuns: 500 },
  ));

test('no four numbers in a row of a stream are in another, or again in it', () => {
  const blocks = new Set<string>();
  const [streams, length] = [1000, 64];
  for (let i = 0; i < streams; i++) {
    const { a, b } = fold(keyOf(1), i);
    const numbers = philoxUniform(a, b, length);
    for (let at = 0; at < length; at += 4) blocks.add(numbers.subarray(at, at + 4).join());
  }
  expect(blocks.size).toBe((streams * length) / 4);
});

test('fewer numbers are the first of more', () => {
  const many = philoxUniform(3, -4, 40);
  for (let n = 0; n <= 40; n++) expect(philoxUniform(3, -4, n)).toEqual(many.slice(0, n));
});

/** Layers that only drop. */
const masking: Layer[] = [
  dropBlock(0.2, { size: 2 }),
  dropout(0.3),
  embeddingDropout(0.3),
  spatialDropout(0.3),
  stochasticDepth(0.5),
];
const shapeFor = ({ config: { layer } }: Layer) =>
  layer === 'embeddingDropout' ? [12, 8, 3] : [12, 5, 5, 3];

onEveryBackend('noise on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('any seed and shape: the numbers of the host, to the bit, and no tensor is left', () =>
    fc.assert(
      fc.asyncProperty(word, word, fc.array(fc.nat(9), { maxLength: 3 }), async (a, b, shape) => {
        const before = tf.memory().numTensors;
        const key: Key = { a: a >>> 0, b: b >>> 0 };
        const noise = uniform(key, shape);
        expect(noise.shape).toEqual(shape);
        expect(noise.dtype).toBe('float32');
        expect(bits(await numbersOf(noise))).toEqual(bits(philoxUniform(a, b, noise.size)));
        noise.dispose();
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: 100 },
    ));

  test('a million numbers, and three more', () =>
    tidied(async () => {
      for (const size of [1e6, 1e6 + 3]) {
        const values = new Float32Array(await uniform(keyOf(size), [size]).data());
        expect(Buffer.from(values.buffer).equals(Buffer.from(philoxUniform(0, size, size).buffer))).toBe(
          true,
        );
      }
    }));

  test('normal noise: finite, with the moments of N(0, 1), and close to that of double precision', () =>
    tidied(async () => {
      const n = 100_000;
      const key = keyOf(5);
      const values = await numbersOf(normal(key, [n]));
      const [u, v] = [1, 2].map((nth) => {
        const { a, b } = fold(key, nth);
        return philoxUniform(a, b, n);
      });
      const off = values.map((x, i) =>
        Math.abs(x - Math.sqrt(-2 * Math.log(1 - u[i])) * Math.cos(2 * Math.PI * v[i])),
      );
      expect(Math.max(...off)).toBeLessThan(backend === 'webgpu' ? 1e-2 : 1e-4);
      const [mean, square, , fourth] = [1, 2, 3, 4].map(
        (p) => values.reduce((sum, x) => sum + x ** p, 0) / n,
      );
      expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
      expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
      expect(Math.abs(fourth - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    }));

  test('normal noise is finite where the uniform numbers are the smallest and the largest', () =>
    tidied(async () => {
      const n = 100_000;
      const key = keyOf(293); // its first uniform numbers have both ends
      const { a, b } = fold(key, 1);
      const first = philoxUniform(a, b, n);
      expect([Math.min(...first), Math.max(...first)]).toEqual([0, 1 - 2 ** -23]);
      const values = await numbersOf(normal(key, [n]));
      expect(values.every(Number.isFinite)).toBe(true);
      expect(Math.abs(values[first.indexOf(0)])).toBe(0);
    }));

  test('a traced graph has one node with the seed as its input, and no constant of its size', () => {
    const graph = traceFunction(({ x }) => tf.add(x, uniform(keyOf(9), [2, 3])), {
      inputs: [{ name: 'x', shape: [2, 3] }],
    });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['StatelessRandomUniform', 'Add']);
    const [noise] = graph.nodes;
    expect(noise.attributes).toEqual({ shape: [2, 3] });
    expect(noise.inputs.seed).toMatchObject({ shape: [2], dtype: 'int32' });
    expect(graph.constants.map(({ data }) => [...data])).toEqual([[0, 9]]);
  });

  test('the seed may be an input of a traced graph, another in every run', () =>
    tidied(async () => {
      const graph = traceFunction(
        ({ seed }) => runKernel(StatelessRandomUniform, { seed }, { shape: [4] })[0],
        { inputs: [{ name: 'seed', shape: [2], dtype: 'int32' }] },
      );
      const seeds: [number, number][] = [
        [1, -2],
        [3, 4],
      ];
      for (const seed of seeds) {
        const { output } = evaluate(graph, { seed: tf.tensor1d(seed, 'int32') });
        expect(bits(await numbersOf(output))).toEqual(bits(philoxUniform(...seed, 4)));
      }
    }));

  test.each(masking)('$config.layer has the mask that it has in plain JavaScript', async (layer) => {
    const on = async (name: TfjsBackend) => {
      await useBackend(name);
      return tidied(async () =>
        numbersOf(applyLayer(layer, tf.ones(shapeFor(layer)), {}, { key: keyOf(4) }).y),
      );
    };
    const zeros = (numbers: number[]) => numbers.map((y) => Number(y === 0)).join('');
    const here = zeros(await on(backend));
    expect(here).toMatch(/01|10/);
    expect(here).toBe(zeros(await on('cpu')));
    await useBackend(backend);
  });
});
