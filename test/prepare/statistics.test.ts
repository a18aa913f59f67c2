import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Decoder, openWebdataset } from '../../src/io/index.js';
import type { PrepareDefinition } from '../../src/prepare/definition.js';
import { added, channelsOf, moments, NO_PIXELS } from '../../src/prepare/render/statistics.js';
import { dataset, prepareHere, write } from './here.js';

test('sums are exact, beyond what 32 bits hold', () => {
  for (const pixels of [0, 1, 15, 16, 17, 65_536, 65_537, 300_007]) {
    for (const value of [(i: number) => (i * 7919) & 255, () => 255]) {
      const data = Uint8Array.from({ length: 3 * pixels }, (_, i) => value(i));
      const [sum, squares] = [
        [0, 0, 0],
        [0, 0, 0],
      ];
      for (const [i, x] of data.entries()) {
        sum[i % 3] = (sum[i % 3] as number) + x;
        squares[i % 3] = (squares[i % 3] as number) + x * x;
      }
      expect(channelsOf(data)).toEqual({ pixels, sum, squares });
    }
  }
});

test('of two images is that of both', () => {
  const [black, white] = [channelsOf(new Uint8Array(300)), channelsOf(new Uint8Array(300).fill(255))];
  const { mean, std } = moments(added(added(NO_PIXELS, black), white));
  expect(mean).toEqual([0.5, 0.5, 0.5]);
  expect(std).toEqual([0.5, 0.5, 0.5]);
});

describe('of a data set', () => {
  const root = mkdtempSync(join(tmpdir(), 'rxaug-statistics-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const images = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.png`, 0]));
  beforeAll(async () => {
    for (const [i, name] of Object.keys(images).entries()) await write(join(root, 'images', name), i);
  });

  /** As the manifest says, as a reader decodes it, and what the report says of it. */
  async function both(fields: Partial<PrepareDefinition>) {
    const out = join(root, `out-${Object.values(fields).map(String).join('-')}-${fields.encode?.format}`);
    const source = dataset(join(root, 'images'), images, ['one']);
    const { manifest } = await prepareHere({ source, ...fields }, out);
    const data = await openWebdataset(join(out, 'train-*.tar'), { cache: false });
    using decoder = new Decoder();
    let sums = NO_PIXELS;
    for (let i = 0; i < data.length; i++) {
      const { data: rgb, width, height } = await decoder.decode(data.item(i).image);
      sums = added(sums, channelsOf(rgb.subarray(0, 3 * width * height)));
    }
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    return { said: manifest.statistics, read: moments(sums), page };
  }

  test('is what a reader decodes, where nothing is lost', async () => {
    for (const fields of [{}, { size: 24, encode: { format: 'png' } }] as const) {
      const { said, read, page } = await both(fields);
      expect(said).toEqual(read);
      expect(page).toContain('as rendered, before they are encoded');
    }
  });

  test('is of the pixels before JPEG, and the report says so', async () => {
    const { said, read, page } = await both({ size: 24, encode: { format: 'jpeg', quality: 80 } });
    expect(said).not.toEqual(read);
    for (const name of ['mean', 'std'] as const)
      for (const c of [0, 1, 2] as const) expect(Math.abs(said[name][c] - read[name][c])).toBeLessThan(0.01);
    expect(page).toContain('as rendered, before they are encoded');
    expect(page).toContain('What JPEG and WebP lose');
  });
});
