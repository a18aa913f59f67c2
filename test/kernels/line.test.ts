/** Tables that are lines are found, exactly, and no other table is taken for one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blend,
  instantiate,
  LINE_BITS,
  lineOfFactor,
  lineOf as lineOn,
  PRODUCT_BITS,
  Regions,
  saturationOf,
  tableOf,
} from '../../src/kernels/index.js';

const kernels = instantiate();
const regions = new Regions(kernels.memory);
const lineOf = (table: Uint8Array) => lineOn(kernels, regions, table);

const first = (tables: Uint8Array) => tables.subarray(0, 256);
const at = ({ slope, offset }: { slope: number; offset: number }, x: number) =>
  Math.min(255, Math.max(0, (Math.imul(x, slope) + offset) >> LINE_BITS));

describe('lineOf', () => {
  it('finds the line of every blend with a number, to the last value', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.integer({ min: 0, max: 255 }),
        (factor, a) => {
          const table = first(tableOf((v) => blend(a, v, factor)));
          const line = lineOf(table);
          expect(line).toBeDefined();
          expect(Array.from(table, (_, x) => at(line as never, x))).toEqual(Array.from(table));
        },
      ),
    );
  });

  it('finds inversion, stretched contrast, and a flat table', () => {
    const tables = [
      tableOf((v) => 255 - v),
      tableOf((v) => ((v - 40) * 255) / 171),
      tableOf(() => 7),
      tableOf(() => 0),
    ];
    for (const tables3 of tables) {
      const line = lineOf(first(tables3));
      expect(line).toBeDefined();
      expect(Array.from({ length: 256 }, (_, x) => at(line as never, x))).toEqual(Array.from(first(tables3)));
    }
  });

  it('refuses curves, steps, and lines with one value changed', () => {
    expect(lineOf(first(tableOf((v) => 255 * (v / 255) ** 1.1)))).toBeUndefined();
    expect(lineOf(first(tableOf((v) => (v < 128 ? v : 255 - v))))).toBeUndefined();
    expect(lineOf(first(tableOf((v) => v & 0xf0)))).toBeUndefined();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 254 }), fc.constantFrom(-2, 2), (x, change) => {
        const table = first(tableOf((v) => v));
        table[x] = Math.min(255, Math.max(0, x + change));
        fc.pre(Math.abs((table[x] as number) - x) === 2);
        expect(lineOf(table)).toBeUndefined();
      }),
    );
  });
});

describe('lineOfFactor', () => {
  it('is a line for nearly every factor up to 4, and none above', () => {
    let missed = 0;
    for (let i = 0; i <= 4000; i++) {
      const factor = (i + 0.5) / 1000;
      const line = lineOfFactor(kernels, regions, factor);
      if (factor > 4) expect(line).toBeUndefined();
      else if (!line) missed++;
      else
        saturationOf(factor).forEach((value, k) => {
          if ((Math.imul(k - 255, line.slope) + line.offset) >> PRODUCT_BITS !== value)
            throw new Error(`${factor}, ${k}`);
        });
    }
    expect(missed).toBeLessThan(10);
  });
});
