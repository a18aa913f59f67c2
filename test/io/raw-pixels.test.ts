/** Pixels as a range of a file: the same as in memory, whatever their channels, order and place. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadSampleError, type ImageRef } from '../../src/core/index.js';
import { splitDataset } from '../../src/datasets/split.js';
import { Decoder } from '../../src/io/index.js';
import { batch } from '../../src/stream/batch.js';
import { pull } from '../../src/stream/demand.js';
import { samples } from '../../src/stream/source.js';
import { picture, scratchFolder } from './make.js';

const folder = scratchFolder();
const path = join(folder, 'pixels.bin');
const planes = (data: Uint8Array, channels: number) =>
  Uint8Array.from({ length: data.length }, (_, i) => {
    const area = data.length / channels;
    return data[(i % area) * channels + Math.floor(i / area)] as number;
  });

async function decoded(ref: ImageRef, options = {}) {
  using decoder = new Decoder(options);
  const { data, width, height } = await decoder.decode(ref);
  return { data: Uint8Array.from(data), width, height };
}

it('is what the same pixels in memory are, in any layout at any place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 70_000 }),
      async (width, height, channels, planar, offset) => {
        const data = Uint8Array.from(
          { length: width * height * channels },
          (_, i) => (i * 37 + offset) % 256,
        );
        writeFileSync(path, Buffer.concat([Buffer.alloc(offset, 9), planar ? planes(data, channels) : data]));
        const ref = { kind: 'raw', path, offset, width, height, channels, planar } as const;
        const background = [10, 20, 30] as const;
        expect(await decoded(ref, { background })).toEqual(
          await decoded({ kind: 'pixels', data, width, height, channels }, { background }),
        );
      },
    ),
    { numRuns: 120, seed: 3 },
  );
});

it('reads only the rows that are seen, to memory that is given', () => {
  const [width, height] = [300, 200];
  const data = picture(width, height);
  writeFileSync(path, data);
  const memory = Buffer.from(new SharedArrayBuffer(3 * width * height));
  using decoder = new Decoder();
  const look = () => ({ window: [5, 50, 90, 120] as const, shrink: 1 });
  const ref = { kind: 'raw', path, offset: 0, width, height, channels: 3 } as const;
  const pixels = decoder.decode(ref, () => memory, 'x', look);
  if (pixels instanceof Promise) throw new Error('a promise');
  const row = 3 * width;
  expect(Buffer.from(pixels.data).equals(memory)).toBe(true);
  expect(memory.subarray(50 * row, 120 * row).equals(data.subarray(50 * row, 120 * row))).toBe(true);
  expect(memory.subarray(0, 50 * row).every((byte) => byte === 0)).toBe(true);
});

it('gives ids of 8 and 16 bits', () => {
  writeFileSync(path, Buffer.from([1, 2, 0, 3, 4, 1]));
  using decoder = new Decoder();
  const ref = { kind: 'raw', path, offset: 0, width: 3, height: 1, channels: 1 } as const;
  expect(decoder.ids({ ...ref, width: 6 }, 'x')).toEqual({
    data: Uint8Array.of(1, 2, 0, 3, 4, 1),
    width: 6,
    height: 1,
  });
  expect(decoder.ids({ ...ref, bits: 16 }, 'x')).toEqual({
    data: Uint16Array.of(513, 768, 260),
    width: 3,
    height: 1,
  });
});

it('probes without reading', () => {
  using decoder = new Decoder();
  const ref = {
    kind: 'raw',
    path: join(folder, 'none'),
    offset: 0,
    width: 3,
    height: 2,
    channels: 3,
  } as const;
  expect(decoder.probe(ref)).toEqual({ width: 3, height: 2, format: 'pixels' });
});

it('goes through workers, and is split by its bytes', async () => {
  const [width, height] = [16, 16];
  const all = Array.from({ length: 8 }, (_, k) => Buffer.alloc(3 * width * height, 10 * k));
  const file = join(folder, 'eight.bin');
  writeFileSync(file, Buffer.concat(all));
  const data = {
    name: 'eight',
    classes: ['a'],
    length: 8,
    item: (i: number) => ({
      id: String(i),
      label: 0,
      image: { kind: 'raw', path: file, offset: i * 3 * width * height, width, height, channels: 3 } as const,
    }),
  };
  const b$ = samples(data).pipe(batch(8, { dtype: 'uint8', workers: 1 }));
  for await (const b of pull(b$)) {
    expect(Buffer.from(b.images).equals(Buffer.concat(all))).toBe(true);
    b.dispose();
  }
  const { train, test } = splitDataset(data, { train: 0.5, test: 0.5 });
  expect([train.length, test.length]).toEqual([4, 4]);
});

describe('is refused in one sentence', () => {
  const good = { kind: 'raw', path, offset: 0, width: 4, height: 4, channels: 3 } as const;
  const wrong: [string, object, RegExp][] = [
    ['a negative place', { offset: -1 }, /a whole number ≥ 0/],
    ['a place beyond whole numbers', { offset: 2 ** 60 }, /a whole number ≥ 0/],
    ['no size', { width: 0 }, /width, height and channels of kind 'raw'/],
    ['five channels', { channels: 5 }, /channels at most 4/],
    ['16 bits of color', { bits: 16 }, /bits of kind 'raw' to be 8, or 16 for a mask/],
    ['16 bits of gray', { channels: 1, bits: 16 }, /its pixels have 16 bits; give images of 8 bits/],
    ['too many pixels', { width: 1e5, height: 1e5 }, /more than maxPixels allows/],
    ['a file that ends early', {}, /ends 38 bytes too early for this image; restore it/],
    ['gray that ends early', { channels: 1 }, /ends 6 bytes too early/],
    ['no file', { path: join(folder, 'none') }, /there is no file/],
    ['a folder', { path: folder }, /is a folder/],
  ];
  it.each(wrong)('%s', async (_, change, message) => {
    writeFileSync(path, Buffer.alloc(48));
    truncateSync(path, 10);
    const error = await decoded({ ...good, ...change } as ImageRef).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(BadSampleError);
    expect((error as Error).message).toMatch(message);
  });

  it('several channels as ids', () => {
    using decoder = new Decoder();
    expect(() => decoder.ids(good, 'mask')).toThrow(/mask: expected one id a pixel but received 3 channels/);
  });
});
