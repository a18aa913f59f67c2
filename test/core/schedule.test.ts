import { describe, expect, it } from 'vitest';
import {
  cosine,
  isSchedule,
  linear,
  mapSchedule,
  parseOptions,
  type Schedule,
  scheduled,
  scheduledInt,
  scheduleSchema,
  steps,
  UsageError,
  valueAt,
} from '../../src/core/index.js';

describe('schedules', () => {
  it('a number is constant', () => {
    expect([0, 0.3, 1].map((t) => valueAt(7, t))).toEqual([7, 7, 7]);
  });

  it('linear', () => {
    const s = linear(2, 4);
    expect([0, 0.25, 0.5, 1].map((t) => valueAt(s, t))).toEqual([2, 2.5, 3, 4]);
    const late = linear(1, 0, { start: 0.5, end: 0.75 });
    expect([0, 0.5, 0.625, 0.75, 1].map((t) => valueAt(late, t))).toEqual([1, 1, 0.5, 0, 0]);
  });

  it('cosine: level at both ends, half in the middle', () => {
    const s = cosine(0, 1);
    expect([0, 0.5, 1].map((t) => valueAt(s, t))).toEqual([0, expect.closeTo(0.5, 12), 1]);
    expect(valueAt(s, 0.25)).toBeCloseTo((1 - Math.SQRT1_2) / 2, 12);
    expect(valueAt(s, 0.01)).toBeLessThan(0.001);
  });

  it('steps: a boundary belongs to what follows it', () => {
    const s = steps([1, 2, 3], [0.25, 0.5]);
    expect([0, 0.2499, 0.25, 0.4999, 0.5, 1].map((t) => valueAt(s, t))).toEqual([1, 1, 2, 2, 3, 3]);
    expect(valueAt(steps([9], []), 0.5)).toBe(9);
  });

  it.each<Schedule>([linear(0, 2), cosine(3, 1, { start: 0.1, end: 0.9 }), steps([1, 0], [0.5])])(
    'survives JSON: %j',
    (s) => {
      const back = scheduleSchema.parse(JSON.parse(JSON.stringify(s)));
      expect(back).toEqual(s);
      for (let t = 0; t <= 1; t += 0.05) expect(valueAt(back, t)).toBe(valueAt(s, t));
      expect(isSchedule(back)).toBe(true);
    },
  );

  it('is mapped by value', () => {
    const half = (v: number) => 1 - v / 2;
    expect(mapSchedule(4, half)).toBe(-1);
    for (const s of [linear(0, 2), cosine(0, 2), steps([0, 1, 2], [0.2, 0.7])]) {
      for (let t = 0; t <= 1; t += 0.1) {
        expect(valueAt(mapSchedule(s, half), t)).toBeCloseTo(half(valueAt(s, t)), 12);
      }
    }
  });

  it.each<[() => unknown, string]>([
    [() => linear(0, 'a' as never), "linear: to: expected a number but received 'a'"],
    [() => linear(0, Number.NaN), 'linear: to: expected a number but received NaN'],
    [() => linear(0, 1, { start: 2 }), 'linear: start: expected a number in 0..1 but received 2'],
    [() => linear(0, 1, { start: 0.8, end: 0.2 }), 'linear: end: expected start < end but received 0.2'],
    [() => cosine(0, 1, { end: 0 }), 'cosine: end: expected start < end but received 0'],
    [
      () => steps([1], [0.5]),
      'steps: values: expected one value more than there are boundaries in at but received [1]',
    ],
    [() => steps([1, 2], [2]), 'steps: at[0]: expected a number in 0..1 but received 2'],
    [
      () => steps([1, 2, 3], [0.5, 0.2]),
      'steps: at: expected boundaries in rising order but received [0.5,0.2]',
    ],
  ])('refuses in one sentence (%#)', (make, said) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(said);
  });

  it('a scheduled number is checked at every value it takes', () => {
    const share = scheduled(0, 1);
    const of = (v: unknown) => parseOptions('x', share, v);
    expect(of(0.5)).toBe(0.5);
    expect(of(linear(0, 1))).toEqual(linear(0, 1));
    // JSON may leave out what has a default.
    expect(of({ schedule: 'linear', from: 0, to: 1 })).toEqual(linear(0, 1));
    expect(() => of(linear(0, 1.5))).toThrow(
      'x: expected every value of the schedule to be in 0..1 but received {',
    );
    expect(() => of(steps([0, -1], [0.5]))).toThrow('in 0..1');
    expect(() => of(1.01)).toThrow('x: expected a number in 0..1 or a schedule but received 1.01');
    expect(() => of({ schedule: 'lin' })).toThrow(
      "x: schedule: expected one of 'linear', 'cosine', 'steps' but received 'lin'",
    );
    expect(() => of({ schedule: 'linear', from: 0 })).toThrow(
      'x: to: expected a number but received nothing',
    );
    expect(() => of({ schedule: 'steps', values: [1], at: [0.5] })).toThrow(
      'x: values: expected one value more',
    );
    expect(() => parseOptions('x', scheduled(1), linear(0, 2))).toThrow('to be ≥ 1');
    expect(() => parseOptions('x', scheduled(undefined, 1), 2)).toThrow('a number ≤ 1 or a schedule');
    expect(() => parseOptions('x', scheduledInt(0, 9), 2.5)).toThrow('a whole number in 0..9 or a schedule');
    expect(parseOptions('x', scheduledInt(0, 9), linear(0, 9))).toEqual(linear(0, 9));
  });
});
