import { describe, expect, test } from 'vitest';
import { linear } from '../../src/core/index.js';
import {
  cosineDecay,
  type LearningRate,
  learningRateAt,
  oneCycle,
  stepDecay,
} from '../../src/train/index.js';
import { learningRateSchema } from '../../src/train/optimizers/learning-rate.js';

const at = (rate: LearningRate, ...progress: number[]) =>
  progress.map((p) => learningRateAt(learningRateSchema.parse(JSON.parse(JSON.stringify(rate))), p));

describe('learning rates', () => {
  test('a number stays, and a schedule of core is one', () => {
    expect(at(0.1, 0, 0.5, 1)).toEqual([0.1, 0.1, 0.1]);
    expect(at(linear(0.2, 0), 0, 0.5, 1)).toEqual([0.2, 0.1, 0]);
  });

  test('cosine: half of the way at half of the time, to the final value', () => {
    const [first, half, last] = at(cosineDecay(0.2, { final: 0.02 }), 0, 0.5, 1);
    expect([first, half, last].map((v) => Number(v.toFixed(12)))).toEqual([0.2, 0.11, 0.02]);
  });

  test('warm-up climbs in a line from 0 and meets what follows without a jump', () => {
    const rate = cosineDecay(0.1, { warmup: 0.2 });
    const [zero, tenth, before, after] = at(rate, 0, 0.1, 0.2 - 1e-9, 0.2);
    expect([zero, tenth, after]).toEqual([0, 0.05, 0.1]);
    expect(before).toBeCloseTo(0.1, 7);
    expect(at(rate, 0.6)[0]).toBeCloseTo(0.05, 12); // half of what is left after the warm-up
    expect(at(rate, 1)[0]).toBeCloseTo(0, 12);
  });

  test('steps: a tenth at each boundary', () => {
    const values = at(
      stepDecay(1, { milestones: [0.5, 0.75], warmup: 0.1 }),
      0.05,
      0.1,
      0.49,
      0.5,
      0.74,
      0.75,
      1,
    );
    expect(values.map((v) => Number(v.toFixed(12)))).toEqual([0.5, 1, 1, 0.1, 0.1, 0.01, 0.01]);
  });

  test('one cycle has the numbers of OneCycleLR(max_lr=0.1)', () => {
    const rate = oneCycle(0.1);
    expect(at(rate, 0, 0.3, 1).map((v) => Number(v.toPrecision(10)))).toEqual([0.004, 0.1, 4e-7]);
    expect(at(rate, 0.15)[0]).toBeCloseTo((0.004 + 0.1) / 2, 12);
    expect(at(rate, 0.65)[0]).toBeCloseTo((0.1 + 4e-7) / 2, 12);
  });

  test('negative rates are refused wherever they hide', () => {
    for (const bad of [-1, linear(0.1, -0.1), { schedule: 'warmup', until: 0.1, after: -1 }]) {
      expect(learningRateSchema.safeParse(bad).success).toBe(false);
    }
  });
});
