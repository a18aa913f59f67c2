/** Tables and counts on the kernels: the bytes of the plain look-up, whichever formula stands in for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blend,
  chain,
  instantiate,
  lookUp,
  Regions,
  sharpness,
  sharpnessOn,
  tableOf,
  tablesOf,
  tablesOn,
} from '../../src/kernels/index.js';
import { noise } from './noise.js';

const kernels = instantiate();
const regions = new Regions(kernels.memory);

const TABLES = {
  ...Object.fromEntries(
    [0, 1, 3, 4, 7].map((bits) => [`${bits} bits`, tableOf((v) => v & (256 - 2 ** (8 - bits)))]),
  ),
  ...Object.fromEntries(
    [0, 1, 128, 200.5, 255].map((t) => [`solarize ${t}`, tableOf((v) => (v < t ? v : 255 - v))]),
  ),
  'solarize, then 3 bits': chain(
    tableOf((v) => (v < 90 ? v : 255 - v)),
    tableOf((v) => v & 224),
  ),
  'a mask but for one value': tableOf((v) => (v === 100 ? 3 : v & 248)),
  'a threshold but for one value': tableOf((v) => (v === 3 ? 4 : v < 128 ? v : 255 - v)),
  'a line': tableOf((v) => blend(117, v, 1.3)),
  ...Object.fromEntries(
    [15.99, 16, 16.01, 255, -15.99, -16, -17].map((f) => [
      `a slope of ${f}`,
      tableOf((v) => f * (v - 100) + 90),
    ]),
  ),
  'a curve': tableOf((v) => 255 * (v / 255) ** 1.3),
  'one for each channel': tablesOf((v, c) => v * (1 - 0.1 * c)),
  'changed in the last channel only': tablesOf((v, c) => (c === 2 ? 255 - v : v)),
};

describe('tablesOn', () => {
  for (const [name, tables] of Object.entries(TABLES)) {
    it(`equals the plain look-up and touches nothing behind: ${name}`, () => {
      for (let width = 1; width <= 90; width++) {
        const data = noise(width, 3 * width + 64);
        const at = regions.at('pixels', data.length);
        regions.bytes.set(data, at);
        tablesOn(kernels, regions, tables, 0)?.(at, 0, 1, width);
        lookUp(tables)(data.subarray(0, 3 * width), 0);
        expect(Array.from(regions.bytes.subarray(at, at + data.length))).toEqual(Array.from(data));
      }
    });
  }

  it('is nothing for tables that change nothing, and only for them', () => {
    expect(
      tablesOn(
        kernels,
        regions,
        tableOf((v) => v),
        0,
      ),
    ).toBeUndefined();
    expect(
      tablesOn(
        kernels,
        regions,
        tablesOf((v, c) => (c === 1 && v === 255 ? 254 : v)),
        0,
      ),
    ).toBeDefined();
  });
});

describe('histogram and extremes', () => {
  it('count every value of every channel', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 255 }),
        (seed, pixels, most) => {
          const data = noise(seed, 3 * pixels).map((v) => (v * most) >> 8);
          const wanted = new Int32Array(768);
          for (let i = 0; i < data.length; i++) wanted[256 * (i % 3) + (data[i] as number)]!++;
          // What lies before and behind the pixels counts for nothing.
          const at = regions.at('pixels', data.length + 32) + 16;
          regions.bytes.fill(255, at - 16, at).set(data, at);
          regions.bytes.fill(0, at + data.length, at + data.length + 16);
          const counts = regions.at('counts', 6144);
          regions.int32(counts, 1536).fill(0);
          kernels.histogram(at, pixels, counts, counts + 3072);
          expect(Array.from(regions.int32(counts, 768))).toEqual(Array.from(wanted));

          const ends = regions.at('extremes', 6);
          kernels.extremes(at, pixels, ends);
          const channels = [0, 1, 2].map((c) => wanted.subarray(256 * c, 256 * (c + 1)));
          expect(Array.from(regions.bytes.subarray(ends, ends + 6))).toEqual([
            ...channels.map((of) => of.findIndex((n) => n > 0)),
            ...channels.map((of) => of.findLastIndex((n) => n > 0)),
          ]);
        },
      ),
    );
  });
});

describe('sharpnessOn', () => {
  it('equals its plain twin at every width, for any factor, and touches nothing before', () => {
    for (let width = 1; width <= 45; width++) {
      for (const factor of [0, 0.1, 0.73, 0.9, 1.27, 1.9, 13 / 10, 77, 1e5, 1e9]) {
        const height = 1 + (width % 7);
        const raw = noise(width, 3 * width * height);
        const data = width % 3 ? raw : raw.map((v) => (v < 100 ? 0 : 255));
        const at = regions.at('pixels', 6000);
        const to = regions.at('sharp', 6000) + 16;
        regions.bytes.set(data, at);
        regions.bytes.fill(99, to - 16, to);
        sharpnessOn(kernels, regions, { at, width, height }, to, factor);
        const wanted = new Uint8Array(data.length);
        sharpness(data, wanted, width, height, factor);
        const made = Array.from(regions.bytes.subarray(to - 16, to + data.length));
        expect(made).toEqual([...Array(16).fill(99), ...wanted]);
      }
    }
  });
});
