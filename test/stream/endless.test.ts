/** Schedules on a source that repeats for ever would stay at their first value: refused in one sentence. */
import { lastValueFrom, type Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  colorJitter,
  cutout,
  horizontalFlip,
  oneOf,
  randAugment,
  randomApply,
  staged,
  weightedOneOf,
} from '../../src/augment/index.js';
import { linear, scheduleIn } from '../../src/core/index.js';
import { ganTranslate, latentNoise } from '../../src/gan/index.js';
import { arrays, batch, batchCutout, cutmix, epochs, mixOneOf, mixup } from '../../src/stream/index.js';

const images = (count: number | undefined) =>
  arrays(
    { images: new Uint8Array(4 * 8 * 8 * 3), labels: [0, 1, 0, 1], width: 8, height: 8, classes: ['a', 'b'] },
    { epochs: count },
  );
const ENDLESS = Number.POSITIVE_INFINITY;
const first = <T>(stream: Observable<T>) => lastValueFrom(stream.pipe(take(1)));
const sentence = (what: string) =>
  `${what} follows the progress of training, but its source has epochs: Infinity, so it would never change; give the source a number of epochs, or epochs to train()`;

describe('a schedule of a transform', () => {
  it.each([
    ['cutout: size', cutout(linear(0, 4))],
    ['horizontalFlip: p', horizontalFlip({ p: linear(0, 1) })],
    ['randAugment: m', randAugment({ n: 1, m: linear(0, 10) })],
    ['randomApply: p', randomApply(linear(0, 1), cutout(2))],
    ['oneOf: cutout: size', oneOf(colorJitter(), cutout(linear(0, 4)))],
    ['weightedOneOf: cutout: size', weightedOneOf([1, colorJitter()], [2, cutout(linear(0, 4))])],
    ['staged: stages', staged([0, colorJitter()], [0.5, cutout(4)])],
    ['randomApply: staged: stages', randomApply(1, staged([0, colorJitter()], [0.5, cutout(4)]))],
  ])('%s is refused on epochs: Infinity, and works on a number of epochs', async (what, operator) => {
    await expect(first(images(ENDLESS).pipe(operator))).rejects.toThrow(sentence(what));
    await first(images(3).pipe(operator));
    await first(images(ENDLESS).pipe(operator, epochs(3))); // what is asked for downstream decides
  });

  it('is not what a plain number is', async () => {
    await first(images(ENDLESS).pipe(cutout(2), batch(2, { workers: 0 }), mixup(0.2)));
  });
});

describe('a schedule of a batch operator', () => {
  it.each([
    ['mixup: alpha', mixup(linear(0.1, 1))],
    ['cutmix: p', cutmix({ p: linear(0, 1) })],
    ['batchCutout: size', batchCutout({ size: linear(0, 4) })],
    ['mixOneOf: mixup: alpha', mixOneOf(mixup(linear(0.1, 1)), cutmix())],
  ])('%s is refused on epochs: Infinity, and works on a number of epochs', async (what, operator) => {
    await expect(first(images(ENDLESS).pipe(batch(2, { workers: 0 }), operator))).rejects.toThrow(
      sentence(what),
    );
    const batches = images(2).pipe(batch(2, { workers: 0 }), operator);
    (await first(batches)).dispose();
  });
});

describe('a schedule of a stage', () => {
  const same = { run: ({ x }: Record<string, unknown>) => ({ y: x }), params: {} };
  const codec = {
    functions: {
      encode: { ...same, inputs: [{ name: 'images', shape: [null, 8, 8, 3] }] },
      decode: { ...same, inputs: [{ name: 'codes', shape: [null, 4] }] },
      generate: {
        ...same,
        inputs: [
          { name: 'originals', shape: [null, 8, 8, 3] },
          { name: 'noise', shape: [null, 4] },
        ],
      },
    },
  };

  it.each([
    ['latentNoise: share', latentNoise(codec as never, { share: linear(0, 1) })],
    ['latentNoise: sigma', latentNoise(codec as never, { sigma: linear(0, 1) })],
    ['ganTranslate: share', ganTranslate(codec as never, { share: linear(0, 1) })],
  ])('%s is refused on epochs: Infinity', async (what, stage) => {
    await expect(first(images(ENDLESS).pipe(batch(2, { workers: 0 }), stage))).rejects.toThrow(
      sentence(what),
    );
  });
});

describe('scheduleIn', () => {
  it('gives the path of the first schedule', () => {
    expect(scheduleIn({ a: 1, b: [{ c: linear(0, 1) }] })).toBe('b[0].c');
    expect(scheduleIn({ of: [{ op: 'cutout', options: { size: linear(0, 1) } }] })).toBe('cutout: size');
    expect(scheduleIn({ a: 1, b: [null, 'schedule', undefined] })).toBeUndefined();
    expect(scheduleIn(0.5)).toBeUndefined();
  });
});
