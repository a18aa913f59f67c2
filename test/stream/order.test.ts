/** Operators in the wrong place: one sentence, when the pipeline is built where that is known, else at the first item. */
import { map } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  augMixTriples,
  horizontalFlip,
  normalize,
  oneOf,
  policy,
  progressiveResize,
} from '../../src/augment/index.js';
import { RxaugError, UsageError } from '../../src/core/index.js';
import { arrays, batch, mapPixels, mixup, mosaic, prefetch, pull, shuffle } from '../../src/stream/index.js';

const source = () =>
  arrays({ images: new Uint8Array(2 * 12), labels: [0, 1], width: 2, height: 2, classes: ['a', 'b'] });
const batches = () => source().pipe(batch(2, { workers: 0 }));

describe('an operator of samples after batch()', () => {
  test.each([
    ['horizontalFlip', horizontalFlip()],
    ['normalize', normalize()],
    ['oneOf', oneOf(horizontalFlip())],
    ['randAugment', policy('rand-m9-n2')],
    ['augMixTriples', augMixTriples()],
    ['progressiveResize', progressiveResize({ sizes: [2, 4], epochs: [1] })],
    ['shuffle', shuffle(4)],
    ['mapPixels', mapPixels((image) => image)],
  ])('%s is refused when the pipeline is built', (name, operator) => {
    const build = () => batches().pipe(operator as never);
    expect(build).toThrow(UsageError);
    expect(build).toThrow(`expected samples but received batches; put `);
    expect(build).toThrow(new RegExp(`^${name}|^timmRandAugment|^policy`));
    expect(() => batches().pipe(prefetch(2), operator as never)).toThrow(/put .* before batch\(\)/);
  });

  test('a second batch() is refused', () => {
    expect(() => batches().pipe(batch(2) as never)).toThrow(
      'batch: expected samples but received batches; leave one of the two batch() out',
    );
  });

  test('behind an operator of RxJS it is refused at the first batch', async () => {
    const stream = batches().pipe(
      map((b) => b),
      horizontalFlip() as never,
    );
    const run = async () => {
      for await (const _ of pull(stream));
    };
    await expect(run()).rejects.toThrow(RxaugError);
    await expect(run()).rejects.toThrow(
      'horizontalFlip: expected samples but received something else; put horizontalFlip() before batch()',
    );
  });
});

describe('an operator of batches before batch()', () => {
  test.each([
    ['mixup', mixup()],
    ['mosaic', mosaic()],
  ])('%s is refused when the pipeline is built', (name, operator) => {
    expect(() => source().pipe(horizontalFlip() as never, operator as never)).toThrow(
      `${name}: expected batches but received samples; put ${name}() after batch()`,
    );
  });

  test('behind an operator of RxJS it is refused at the first sample', async () => {
    const stream = source().pipe(
      map((s) => s),
      mixup() as never,
    );
    const run = async () => {
      for await (const _ of pull(stream));
    };
    await expect(run()).rejects.toThrow('mixup: expected batches but received something else');
  });
});
