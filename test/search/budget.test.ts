import { describe, expect, it } from 'vitest';
import { type BudgetQuestion, divide } from '../../src/search/budget.js';

/** A training takes 100 s alone, 50 s of the clock with two side by side: 1,000 images × 50 epochs. */
const question = (changes: Partial<BudgetQuestion> = {}): BudgetQuestion => ({
  budget: 3600,
  elapsed: 20,
  cost: {
    secondsPerImageEpoch: 0.001,
    secondsPerTrial: 1,
    secondsPerForward: 0,
    searchImages: 600,
    validationImages: 400,
  },
  controls: 6,
  trainImages: 1000,
  testImages: 1000,
  epochs: 50,
  worth: 100,
  ...changes,
});

describe('divide', () => {
  it('keeps everything within the budget, at least three pairs and two searches', () => {
    for (const budget of [1700, 1800, 2400, 3600, 36_000]) {
      const { searches, pairs, searchSeconds, worthSeconds, roundSeconds } = divide(question({ budget }));
      expect(roundSeconds).toBeCloseTo(8 * 50);
      expect(searches).toBe(2);
      expect(pairs).toBeGreaterThanOrEqual(3);
      expect(searchSeconds).toBeGreaterThanOrEqual(0.1 * budget);
      expect(worthSeconds).toBe(100);
      expect(20 + searchSeconds + worthSeconds + pairs * roundSeconds).toBeLessThanOrEqual(budget);
    }
  });

  it('does with two pairs where three do not fit, and with a smaller share for the searches before that', () => {
    expect(divide(question({ budget: 1300 })).pairs).toBe(2);
    const tight = divide(question({ budget: 1560 }));
    expect(tight.pairs).toBe(3);
    expect(tight.searchSeconds).toBeLessThan(0.2 * 1560);
  });

  it('counts evaluations', () => {
    const with_ = divide(question({ cost: { ...question().cost, secondsPerForward: 0.01 }, budget: 36_000 }));
    expect(with_.roundSeconds).toBeCloseTo(8 * 70);
  });

  it('leaves out what each op is worth where that takes more than a tenth', () => {
    expect(divide(question({ worth: 361 })).worthSeconds).toBe(0);
    expect(divide(question({ worth: 359 })).worthSeconds).toBe(359);
  });

  it('plans no more pairs than are wanted', () => {
    expect(divide(question({ budget: 36_000 })).pairs).toBeLessThanOrEqual(30);
    expect(divide(question({ most: 2, budget: 36_000 }))).toMatchObject({ pairs: 2, most: 2 });
  });

  it('refuses a budget that is too small with one that would do', () => {
    const refused = () => divide(question({ budget: 600 }));
    expect(refused).toThrow(
      /^search: --budget: expected at least (\d+) min (\d+) s for 2 searches and 2 trainings of each of 7 arms, 50 s each, but received 10 min 0 s; raise it, /,
    );
    const [, minutes, seconds] = /at least (\d+) min (\d+) s/.exec(`${caught(refused)}`) ?? [];
    const enough = 60 * Number(minutes) + Number(seconds);
    expect(divide(question({ budget: enough })).pairs).toBe(2);
    // Not far above what is needed.
    expect(() => divide(question({ budget: 0.85 * enough }))).toThrow('--budget');
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
