/** Gradients of twins against finite differences of the expected score that a small network gives. */
import { beforeAll, describe, expect, test } from 'vitest';
import { fold, keyOf } from '../../../src/core/index.js';
import type { SearchOp, Twin } from '../../../src/search/space/search-op.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';
import { useBackend } from '../../train/golden.js';
import { agreement, type Case, Judge, pictures, SIZE, type Slopes, seeded, slopes } from './tools.js';

const CASES = 20;
const SAMPLES = 40;
const ROOM = SIZE * SIZE * 3;

/**
 * Ops whose magnitude moves in steps. A difference over half a step to each side is over one step in the mean; where it is
 * 0, steps are smaller than the differences that all ops have.
 */
const STEPS: Readonly<Record<string, number>> = {
  translateX: 0.5 / SIZE,
  translateY: 0.5 / SIZE,
  posterize: 0.5,
  solarize: 0,
  cutout: 0,
};
/** Ops of the whole image's histogram: which pixel is the extreme one, or the next in rank, is a step too. */
const STEPS_BY_IMAGE = ['posterize', 'solarize', 'autocontrast', 'equalize'];

/** Copies of one image at magnitudes spread evenly over a part of the bounds, for each of several images. */
function slopesOf({ name, magnitude, twin }: SearchOp): Slopes[] {
  const images = pictures([CASES, SIZE, SIZE, 3], keyOf(12));
  const directions = pictures([CASES, SIZE, SIZE, 3], keyOf(99)).map((v) => v - 0.5);
  const draws = seeded(5);
  const { low, high } = magnitude ?? { low: 0, high: 1 };
  return Array.from({ length: CASES }, (_, i) => {
    const spread = (high - low) * draws.uniform(0.1, 0.4);
    const middle = draws.uniform(low + spread, high - spread);
    const own = (all: Float32Array) => all.slice(i * ROOM, (i + 1) * ROOM);
    const given: Case = {
      twin: twin as Twin,
      judge: new Judge(100 + i),
      key: fold(keyOf(3), i),
      image: own(images),
      direction: own(directions),
      magnitudes: Float32Array.from(
        { length: SAMPLES },
        (_, k) => middle + spread * ((2 * k + 1) / SAMPLES - 1),
      ),
    };
    return slopes(given, name === 'autocontrast' ? 6 / 255 : 12 / 255, STEPS[name] || spread / 8);
  });
}

beforeAll(() => useBackend('wasm'));

test('every standard op has a twin', () => {
  expect(STANDARD_OPS.map(({ name, twin }) => [name, twin !== undefined])).toEqual(
    STANDARD_OPS.map(({ name }) => [name, true]),
  );
});

describe.each(STANDARD_OPS.map((op) => [op.name, op] as const))('%s', (name, op) => {
  let all: Slopes[];
  beforeAll(() => {
    all = slopesOf(op);
  });

  test('the gradient by the image is that of the expected score', () => {
    const { sign, called, cosine, size } = agreement(all.map(({ image }) => image));
    expect(called).toBeGreaterThanOrEqual(0.6);
    expect(sign).toBeGreaterThanOrEqual(0.9);
    const smooth = !STEPS_BY_IMAGE.includes(name);
    expect(cosine).toBeGreaterThan(smooth ? 0.995 : 0.9);
    expect(Math.abs(size - 1)).toBeLessThan(smooth ? 0.03 : 0.2);
  });

  const magnitude = op.magnitude ? test : undefined;
  magnitude?.('the gradient by the magnitude is that of the expected score', () => {
    const { sign, called, cosine, size } = agreement(all.map(({ magnitude }) => magnitude));
    expect(called).toBeGreaterThanOrEqual(0.6);
    expect(sign).toBeGreaterThanOrEqual(0.9);
    const smooth = !(name in STEPS);
    expect(cosine).toBeGreaterThan(smooth ? 0.99 : 0.9);
    expect(Math.abs(size - 1)).toBeLessThan(smooth ? 0.05 : 0.25);
  });

  const none = op.magnitude ? undefined : test;
  none?.('the magnitude has gradient 0', () => {
    expect(all.map(({ magnitude }) => magnitude)).toEqual(all.map(() => [0, 0]));
  });
});
