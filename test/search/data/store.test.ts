import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { problemData } from '../../../src/search/data/splits.js';
import { readData, storeData } from '../../../src/search/data/store.js';
import { made, problem } from './make.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('images in the folder of a search', () => {
  const given = { heldOut: made({ count: 9, from: 500 }) };
  it.each([
    ['none', {}],
    ['given', given],
    ['labeled', { ...given, heldOutLabels: true }],
  ])('are read as they were written, held-out ones: %s', async (name, changes) => {
    const data = await problemData(problem(changes), { seed: 0 });
    const dir = join(root, name);
    storeData(dir, data);
    const read = readData(dir);
    expect(read).toEqual({ ...data, notes: [] });
    expect(read.validation === read.heldOut).toBe(name === 'labeled');
    expect(read.search.pixels.buffer).toBe(read.train.pixels.buffer);
  });

  it('are refused where they are cut short', async () => {
    const dir = join(root, 'cut');
    storeData(dir, await problemData(problem(), { seed: 0 }));
    truncateSync(join(dir, 'train.pixels'), 100);
    expect(() => readData(dir)).toThrow(/train\.pixels: was cut short; continue the search with --resume/);
  });
});
