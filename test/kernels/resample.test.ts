/** Kernels of resampling, saturation and luma, each against its plain twin: same numbers, same bytes, all widths. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  convolution,
  instantiate,
  luma,
  Regions,
  resample,
  resampled,
  saturate,
  saturateOn,
  smooth,
  tapsOf,
  weightedSum,
  weightsOf,
} from '../../src/kernels/index.js';
import { noise } from './noise.js';

const kernels = instantiate();
const regions = new Regions(kernels.memory);

/** Bytes in the kernels' memory, with others behind them that must stay. */
function placed(name: string, data: Uint8Array): number {
  const at = regions.at(name, data.length + 64);
  regions.bytes.set(data, at);
  return at;
}

const taken = (at: number, length: number) => Uint8Array.from(regions.bytes.subarray(at, at + length));

describe('linearTaps', () => {
  it('makes the table of a bilinear filter, number for number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (size, low, length, share, place, mirrored, whole, antialias) => {
          const [high, exact] = [low + length, length * share];
          const part = whole ? Math.max(1, Math.round(exact)) : exact;
          const start = low + (whole ? Math.round((length - part) * place) : (length - part) * place);
          const scale = (mirrored ? -part : part) / size;
          const offset = mirrored ? start + part : start;
          const wanted = smooth('bilinear', size, scale, offset, low, high, antialias);
          const stretch = antialias ? Math.max(1, Math.abs(scale)) : 1;
          const taps = tapsOf(2 * stretch);
          const first = regions.at('first', 4 * size);
          const weights = regions.at('weights', 2 * taps * size);
          const shares = regions.at('shares', 8 * taps);
          kernels.linearTaps(size, scale, offset, low, high, stretch, taps, 3, first, weights, shares);
          expect(taps).toBe(wanted.taps);
          expect(Array.from(regions.int32(first, size))).toEqual(Array.from(wanted.first, (x) => 3 * x));
          expect(Array.from(regions.int16(weights, taps * size))).toEqual(Array.from(wanted.weights));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('resampleRows', () => {
  const same = (seed: number, width: number, height: number, kinds: 'bicubic' | 'lanczos' | number[]) => {
    const [toX, toY] = Array.isArray(kinds) ? [width, height] : [1 + (seed % 70), 1 + (seed % 61)];
    const along = (to: number, from: number) =>
      Array.isArray(kinds)
        ? convolution(from, kinds)
        : smooth(kinds, to, from / to, 0, 0, from, seed % 2 === 0);
    const [h, v] = [along(toX, width), along(toY, height)];
    const data = noise(seed, 3 * width * height);
    const at = placed('source', data);
    const to = regions.at('out', 3 * toX * toY);
    const rows = resample(kernels, regions, { at, width, height }, h, v);
    const middle = toY >> 1; // in two bands
    rows(0, middle, to);
    rows(middle, toY, to + 3 * toX * middle);
    const wanted = new Uint8Array(3 * toX * toY);
    const row = resampled({ data, width, height }, h, v);
    for (let y = 0; y < toY; y++) row(y, wanted.subarray(3 * toX * y, 3 * toX * (y + 1)));
    expect(Buffer.from(taken(to, wanted.length)).equals(Buffer.from(wanted))).toBe(true);
  };

  it('equals the plain resampling at every width, with weights below zero too', () => {
    for (let width = 1; width <= 70; width++) {
      same(1000 + width, width, 71 - width, 'bicubic');
      same(2000 + 7 * width, width, 1 + ((width * 13) % 70), 'lanczos');
    }
  });

  it('equals it for odd numbers of taps, many of no weight', () => {
    for (let reach = 0; reach <= 9; reach++) {
      const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => 1 + Math.min(k, 2 * reach - k));
      for (const width of [1, 2, 3, 5, 16, 33, 70]) same(reach, width, 20 + reach, kernel);
    }
  });
});

describe('vertical', () => {
  it('equals a weighted sum, for two, four and more rows of any length', () => {
    for (let bytes = 1; bytes <= 70; bytes++) {
      for (const taps of [2, 4, 6, 8]) {
        const rows = Array.from({ length: taps }, (_, k) => noise(100 * bytes + k, bytes));
        const weights = weightsOf(Array.from(noise(bytes + taps, taps), (w) => w + 1));
        const places = rows.map((row, k) => placed(`row ${k}`, row));
        const list = regions.at('list', 4 * taps);
        const shares = regions.at('weighs', 2 * taps);
        const to = regions.at('sum', bytes + 16);
        regions.int32(list, taps).set(places);
        regions.int16(shares, taps).set(weights);
        kernels.vertical(list, shares, taps, bytes, to);
        const wanted = new Uint8Array(bytes);
        weightedSum(rows, weights, wanted);
        expect(Array.from(taken(to, bytes))).toEqual(Array.from(wanted));
      }
    }
  });
});

/** On a line; on none, as plain fractions often are; above 4; so large that all but gray is clipped. */
const FACTORS = [
  0,
  0.3017,
  1.7011,
  3.9907,
  4,
  0.3,
  0.52,
  6 / 5,
  2 / 7,
  13 / 10,
  4.0001,
  4.5,
  77.3,
  1e6,
  1e12,
];

describe('saturate and sumLuma', () => {
  it('equal their plain twins at every width and touch nothing behind', () => {
    for (let width = 1; width <= 70; width++) {
      const data = noise(width, 3 * width + 64);
      const at = placed('pixels', data);
      const factor = (3.9871 * width) / 70; // some are on a line, and some on none
      let sum = 0;
      for (let i = 0; i < 3 * width; i += 3)
        sum += luma(data[i] as number, data[i + 1] as number, data[i + 2] as number);
      expect(kernels.sumLuma(at, width)).toBe(sum);
      saturateOn(factor)(kernels, regions, 0)(at, 0, 1, width);
      saturate(factor)(data.subarray(0, 3 * width), 0);
      expect(Array.from(taken(at, data.length))).toEqual(Array.from(data));
    }
  });

  it('equal them at every width for factors on no line', () => {
    for (let width = 1; width <= 70; width++) {
      for (const factor of [6 / 5, 0.3, 5.5]) {
        const data = noise(width, 3 * width + 64);
        const at = placed('pixels', data);
        saturateOn(factor)(kernels, regions, 0)(at, 0, 1, width);
        saturate(factor)(data.subarray(0, 3 * width), 0);
        expect(Array.from(taken(at, data.length))).toEqual(Array.from(data));
      }
    }
  });

  it('equals it for all pairs of extremes and luma', () => {
    const values = [0, 1, 127, 128, 254, 255];
    const pixels = values.flatMap((r) => values.flatMap((g) => values.flatMap((b) => [r, g, b])));
    for (const factor of FACTORS) {
      const data = Uint8Array.from(pixels);
      const at = placed('pixels', data);
      saturateOn(factor)(kernels, regions, 0)(at, 0, 1, data.length / 3);
      saturate(factor)(data, 0);
      expect(Array.from(taken(at, data.length))).toEqual(Array.from(data));
    }
  });
});
