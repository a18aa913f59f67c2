/** Copies per class: exact counts, keyed, blind to order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BalanceOptions, balanceCopies } from '../../src/prepare/index.js';

const CLASSES = ['ant', 'bee', 'cat', 'dog'];
const rowsOf = (labels: readonly number[], name = (i: number) => `image ${i}`) => ({
  length: labels.length,
  classes: CLASSES,
  label: Int32Array.from(labels),
  key: name,
});

const labels = fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 120 });
const options: fc.Arbitrary<BalanceOptions> = fc.record({
  to: fc.oneof(fc.constantFrom('none' as const, 'largest' as const), fc.integer({ min: 1, max: 300 })),
  factors: fc.dictionary(fc.constantFrom(...CLASSES), fc.double({ min: 0, max: 5, noNaN: true })),
  most: fc.integer({ min: 1, max: 20 }),
  seed: fc.nat(1000),
});

describe('balanceCopies', () => {
  it('writes what it says: by class in all, and within a class almost the same for each', () => {
    fc.assert(
      fc.property(labels, options, (list, o) => {
        const { copies, classes } = balanceCopies(rowsOf(list), o);
        const present = CLASSES.map((_, c) => list.filter((label) => label === c).length);
        const most = Math.max(...present);
        expect(classes.map(({ name }) => name)).toEqual(CLASSES.filter((_, c) => present[c]! > 0));
        for (const { name, images, written, leftOut, short } of classes) {
          const c = CLASSES.indexOf(name);
          const own = [...copies].filter((_, i) => list[i] === c);
          expect(own.length).toBe(images);
          expect(own.reduce((sum, n) => sum + n, 0)).toBe(written);
          expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
          expect(own.filter((n) => n === 0).length).toBe(leftOut);
          expect(Math.max(...own)).toBeLessThanOrEqual(o.most!);
          const factor = o.factors![name];
          const to = o.to === 'none' ? images : Math.max(images, o.to === 'largest' ? most : o.to!);
          expect(written + short).toBe(factor === undefined ? to : Math.round(factor * images));
        }
        list.forEach((label, i) => {
          if (label === -1) expect(copies[i]).toBe(1);
        });
      }),
    );
  });

  it('the order of the images does not matter', () => {
    fc.assert(
      fc.property(labels, options, (list, o) => {
        const { copies } = balanceCopies(rowsOf(list), o);
        const last = list.length - 1;
        const back = balanceCopies(
          rowsOf([...list].reverse(), (i) => `image ${last - i}`),
          o,
        );
        expect([...back.copies].reverse()).toEqual([...copies]);
      }),
    );
  });

  it('who gets one copy more is keyed by the seed', () => {
    const rows = rowsOf(Array.from({ length: 100 }, () => 0));
    const extra = (seed: number) =>
      [...balanceCopies(rows, { factors: { ant: 1.5 }, seed }).copies].map((n) => n - 1);
    expect(extra(1)).not.toEqual(extra(2));
    expect(extra(1)).toEqual(extra(1));
    expect(extra(1).reduce((a, b) => a + b)).toBe(50);
  });

  it('to the largest class, to a number, by a factor', () => {
    const rows = rowsOf([0, 0, 0, 0, 0, 1, 1, 2, -1]);
    const written = (o: BalanceOptions) => balanceCopies(rows, o).classes.map((one) => one.written);
    expect(written({})).toEqual([5, 2, 1]);
    expect(written({ to: 'largest' })).toEqual([5, 5, 5]);
    expect(written({ to: 3 })).toEqual([5, 3, 3]);
    expect(written({ to: 'largest', factors: { ant: 0.4, cat: 2 } })).toEqual([2, 5, 2]);
    expect(balanceCopies(rows, { to: 'largest', most: 2 }).classes[2]).toEqual({
      name: 'cat',
      images: 1,
      written: 2,
      leftOut: 0,
      short: 3,
    });
  });

  it('refuses unknown classes and wrong labels', () => {
    expect(() => balanceCopies(rowsOf([0]), { factors: { cow: 2 } })).toThrow(
      `balance: factors: there is no class 'cow'; the classes are ["ant","bee","cat","dog"]`,
    );
    expect(() => balanceCopies(rowsOf([0, 4]))).toThrow(
      'balance: the class of image 1: expected -1..3 but received 4',
    );
  });
});
