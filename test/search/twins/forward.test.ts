/** What a twin shows is what the stream renders; one that moves pixels may differ by what single precision costs. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import type { SearchOp, Twin } from '../../../src/search/space/search-op.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';
import { onEveryBackend, useBackend } from '../../train/golden.js';
import { applied, levelsApart, pictures, renderedBy, type Shape, seeded } from './tools.js';

const SHAPES: readonly Shape[] = [
  [6, 32, 32, 3],
  [5, 17, 23, 3],
  [3, 40, 9, 3],
  [2, 1, 1, 3],
  [4, 9, 8, 1],
];

/** Over the bounds, both ends among them. */
function magnitudesOf({ magnitude }: SearchOp, count: number): Float32Array {
  const { low, high } = magnitude ?? { low: 0, high: 0 };
  const draws = seeded(4);
  return Float32Array.from({ length: count }, (_, i) =>
    i === 0 ? low : i === 1 ? high : draws.uniform(low, high),
  );
}

const takes = ({ channels = [1, 3] }: SearchOp, shape: Shape) => channels.includes(shape[3] as 1 | 3);

test.each(
  STANDARD_OPS.flatMap(({ name, magnitude, make }) => (magnitude ? [[name, magnitude, make] as const] : [])),
)('%s at its neutral magnitude changes nothing', (_, { neutral }, make) => {
  const shape: Shape = [3, 11, 14, 3];
  const images = pictures(shape, keyOf(3));
  expect(
    levelsApart(
      renderedBy(images, shape, () => make(neutral, neutral), keyOf(2)),
      images,
    ),
  ).toBeLessThan(0.01);
});

onEveryBackend(
  'twins on %s',
  (name) => {
    beforeAll(() => useBackend(name));

    test.each(STANDARD_OPS.map((op) => [op.name, op] as const))('%s shows what is rendered', (_, op) => {
      for (const shape of SHAPES.filter((one) => takes(op, one))) {
        const images = pictures(shape, keyOf(3));
        const magnitudes = magnitudesOf(op, shape[0]);
        const key = keyOf(9);
        const wanted = renderedBy(
          images,
          shape,
          (i) => op.make(magnitudes[i] as number, magnitudes[i] as number),
          key,
        );
        const shown = applied(
          op.twin as Twin,
          tf.tensor4d(images, shape),
          tf.tensor1d(magnitudes),
          key,
        ).dataSync();
        expect(levelsApart(shown, wanted)).toBeLessThan(op.twin?.kind === 'warp' ? 1.01 : 0.01);
      }
    });
  },
  ['tensorflow', 'wasm', 'cpu'],
);
