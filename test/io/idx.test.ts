/** IDX files, plain and compressed, whole and not. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Decoder, openIdx } from '../../src/io/index.js';
import { scratchFolder } from './make.js';
import { mutants, readOrRefuse } from './mutants.js';

const folder = scratchFolder();
const cache = join(folder, 'cache');
const [N, H, W] = [7, 5, 4];

function idx(sides: readonly number[], data: Uint8Array, kind = 8): Buffer {
  const head = Buffer.alloc(4 + 4 * sides.length);
  head.set([0, 0, kind, sides.length]);
  sides.forEach((side, i) => {
    head.writeUInt32BE(side, 4 + 4 * i);
  });
  return Buffer.concat([head, data]);
}
const pixels = Uint8Array.from({ length: N * H * W }, (_, i) => (i * 7) % 256);
const labels = Uint8Array.of(3, 0, 1, 2, 3, 0, 1);
const images = idx([N, H, W], pixels);
function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
const good = file('images', images);
const labelFile = file('labels', idx([N], labels));

it.each(['plain', 'gzip'])('reads images and labels, %s', async (how) => {
  const pack = (bytes: Buffer) => (how === 'gzip' ? gzipSync(bytes) : bytes);
  const path = file('images.gz', pack(images));
  const data = await openIdx(path, { labels: file('labels.gz', pack(idx([N], labels))), cache });
  expect([data.length, data.classes, data.problems]).toEqual([N, ['0', '1', '2', '3'], []]);
  using decoder = new Decoder();
  for (let i = 0; i < N; i++) {
    const { id, label, image } = data.item(i);
    expect([id, label]).toEqual([`images.gz/${i}`, labels[i]]);
    const { data: rgb, width, height } = await decoder.decode(image);
    expect([width, height]).toEqual([W, H]);
    for (let p = 0; p < H * W; p++) expect(rgb[3 * p + 1]).toBe(pixels[i * H * W + p]);
  }
});

it('reads colors, images without labels, and the images of a cut file that are whole', async () => {
  const color = file('color', idx([2, 3, 3, 3], Buffer.alloc(54, 9)));
  const data = await openIdx(color, { labels: false });
  expect([data.length, data.classes, data.item(1).image]).toEqual([
    2,
    ['unlabeled'],
    { kind: 'raw', path: color, offset: 20 + 27, width: 3, height: 3, channels: 3 },
  ]);
  const cut = await openIdx(file('cut', images.subarray(0, 16 + 3 * H * W + 1)), { labels: labelFile });
  expect([cut.length, cut.problems.map(({ reason }) => reason)]).toEqual([
    3,
    ['it is cut short: 4 of 7 images are missing; download it again'],
  ]);
  const packed = gzipSync(images, { level: 0 });
  const short = await openIdx(file('short.gz', packed.subarray(0, packed.length - 40)), {
    labels: labelFile,
    cache,
  });
  expect(short.length).toBeLessThan(N);
  expect(short.problems[0]?.reason).toMatch(/gzip is cut short/);
  const more = await openIdx(file('more', Buffer.concat([images, Buffer.alloc(3)])), { labels: false });
  expect(more.problems.map(({ reason }) => reason)).toEqual([
    '3 bytes behind its images are not read; check the file',
  ]);
});

it('labels beyond the given classes are left out one by one', async () => {
  const data = await openIdx(good, { labels: labelFile, classes: ['a', 'b', 'c'] });
  expect([data.length, data.problems.map(({ where }) => where)]).toEqual([5, ['images/0', 'images/4']]);
});

describe('is refused in one sentence', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['another file', Buffer.from('something else'), /it is no IDX file; check the path/],
    ['an empty file', Buffer.alloc(0), /it is no IDX file/],
    ['labels as images', idx([N], labels), /its shape is \(7\), but images are \[N, H, W\]/],
    ['floats', idx([1, 1, 1], Buffer.alloc(4), 13), /kind 13, not 8 \(unsigned bytes\)/],
    ['too many sides', idx([1, 1, 1, 1, 1], Buffer.alloc(1)), /its header is damaged/],
    ['no image', idx([0, 5, 4], Buffer.alloc(0)), /its shape is \(0, 5, 4\)/],
    ['a header alone', images.subarray(0, 10), /its header is damaged/],
    ['no whole image', images.subarray(0, 20), /no usable image in .*7 of 7 images are missing/],
  ])('%s', async (_, bytes, message) => {
    await expect(openIdx(file('odd', bytes), { labels: false })).rejects.toThrow(message);
  });

  it('labels that do not belong to the images', async () => {
    await expect(openIdx(good, { labels: good })).rejects.toThrow(
      /but there are 7 images; give the file of their labels/,
    );
    await expect(openIdx(good, { labels: file('few', idx([N], labels.subarray(0, 4))) })).rejects.toThrow(
      /cut short: 3 labels are missing/,
    );
    await expect(openIdx(good, { labels: join(folder, 'none') })).rejects.toThrow(/there is no file/);
    await expect(openIdx(file('x.gz', gzipSync(images)), { labels: false, cache: false })).rejects.toThrow(
      /must be unpacked to the cache/,
    );
  });
});

it.each([false, true])(
  'of 400 mutants none crashes; compressed: %s',
  { timeout: 120_000 },
  async (packed) => {
    const path = join(folder, 'mutant');
    const bytes = packed ? gzipSync(images) : readFileSync(good);
    const seen = { refused: 0, partly: 0, whole: 0 };
    for (const mutant of mutants(bytes, 400, 4, packed ? bytes.length : 40)) {
      writeFileSync(path, mutant);
      seen[await readOrRefuse(() => openIdx(path, { labels: labelFile, cache }))]++;
    }
    expect(seen.refused).toBeGreaterThan(50);
    expect(seen.partly).toBeGreaterThan(0);
  },
);
