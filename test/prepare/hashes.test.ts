/** Hashes against Python's imagehash, over pictures made from the same whole numbers on both sides. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dHash, hashHex, pHash, thumbnailOf } from '../../src/prepare/measure/hashes.js';
import { lumaOf } from '../../src/prepare/measure/luma.js';

interface Row {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly pixels: string;
  readonly luma: string;
  readonly thumbnail: string;
  readonly phash: string;
  readonly dhash: string;
}

const golden = new URL('../golden/prepare/hashes.json', import.meta.url);
const { rows } = JSON.parse(readFileSync(golden, 'utf8')) as { rows: Row[] };
const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex').slice(0, 16);

/** The pictures of hashes.py. */
function picture(width: number, height: number, seed: number): Uint8Array {
  let state = seed;
  const next = () => {
    state = Number((1103515245n * BigInt(state) + 12345n) % 2n ** 31n);
    return state;
  };
  const shapes = Array.from({ length: 12 }, () => Array.from({ length: 7 }, () => next() >> 8));
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3) {
      let color = [(x * 255) / width, (y * 255) / height, ((x + y) * 255) / (width + height)].map(Math.floor);
      for (const [left, top, wide, high, ...rgb] of shapes as [
        number,
        number,
        number,
        number,
        ...number[],
      ][]) {
        const [x0, y0] = [left % width, top % height];
        if (x0 <= x && x < x0 + 1 + (wide % width) && y0 <= y && y < y0 + 1 + (high % height))
          color = color.map((c, n) => (c + ((rgb[n] as number) % 256)) >> 1);
      }
      const noise = (next() >> 16) % 9;
      color.forEach((c, n) => {
        data[i + n] = Math.min(255, c + noise);
      });
    }
  return data;
}

describe('hashes of imagehash', () => {
  it.each(rows)('$width × $height, seed $seed: luma, reduction, pHash and dHash are the same', (row) => {
    const data = picture(row.width, row.height, row.seed);
    expect(digest(data)).toBe(row.pixels);
    const luma = lumaOf({ data, width: row.width, height: row.height });
    expect(digest(luma.data)).toBe(row.luma);
    const thumbnail = thumbnailOf(luma);
    expect(digest(thumbnail)).toBe(row.thumbnail);
    expect(hashHex(pHash(thumbnail))).toBe(row.phash);
    expect(hashHex(dHash(luma))).toBe(row.dhash);
  });
});
