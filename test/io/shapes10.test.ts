import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Dataset, UsageError } from '../../src/core/index.js';
import { makeShapes10, openShapes10, SHAPES, shapes10InMemory } from '../../src/datasets/index.js';
import { renderSheet } from '../../src/datasets/shapes10/sheet.js';
import { Decoder, type Pixels } from '../../src/io/index.js';
import { scratchFolder } from './make.js';

const folder = scratchFolder();
const options = { seed: 3, split: 'train', size: 32 } as const;
const chosen = { dataSeed: 3, split: 'train', size: 32 } as const;
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('a picture depends on seed, split and index alone', async () => {
  const sheet = await renderSheet(0, 20, options);
  const alone = await renderSheet(13, 1, options);
  expect(alone[0]?.jpeg.equals(sheet[13]?.jpeg as Buffer)).toBe(true);
  expect(sheet.map((p) => p.label)).toEqual([...SHAPES.keys(), ...SHAPES.keys()]);
  for (const other of [{ seed: 4 }, { split: 'test' as const }]) {
    const [first] = await renderSheet(13, 1, { ...options, ...other });
    expect(first?.jpeg.equals(alone[0]?.jpeg as Buffer)).toBe(false);
  }
});

describe('written to a folder', () => {
  const wanted = { ...chosen, count: 150, dir: join(folder, 'data') };
  let path: string;
  let bytes: Buffer;
  beforeAll(async () => {
    path = (await makeShapes10({ ...wanted, concurrency: 1 }))[0] as string;
    bytes = readFileSync(path);
  });

  test('opens as a data set, the same as the one in memory', async () => {
    const data = await openShapes10(wanted);
    const memory = await shapes10InMemory({ ...chosen, count: 150 });
    expect([data.length, data.classes, data.name, data.problems]).toEqual([
      150,
      [...SHAPES],
      'shapes10-train',
      [],
    ]);
    const decoder = new Decoder();
    for (const i of [0, 1, 77, 149]) {
      const written = data.item(i);
      const pixels = memory.item(i);
      expect(written.label).toBe(pixels.label);
      expect(written.id.split('/')[1]?.replace('.jpg', '')).toBe(pixels.id.split('/')[1]);
      const { data: decoded } = (await decoder.decode(written.image)) as Pixels;
      expect(Buffer.from(decoded).equals((pixels.image as { data: Uint8Array }).data)).toBe(true);
    }
    decoder.dispose();
  });

  test('is made once, and the same whatever the concurrency', async () => {
    let told = 0;
    await makeShapes10({ ...wanted, onProgress: () => told++ });
    expect(told).toBe(0);
    const [again] = await makeShapes10({ ...wanted, dir: join(folder, 'other'), concurrency: 5 });
    expect(readFileSync(again as string).equals(bytes)).toBe(true);
  });

  test('a smaller set is the beginning of a larger one', async () => {
    const small = await shapes10InMemory({ ...chosen, count: 30 });
    const large = await shapes10InMemory({ ...chosen, count: 60 });
    for (const i of [0, 29]) {
      expect(sha((small.item(i).image as Pixels & { kind: 'pixels' }).data)).toBe(
        sha((large.item(i).image as Pixels & { kind: 'pixels' }).data),
      );
    }
  });

  test('row 14: what is missing or damaged is made again', async () => {
    const marker = join(path, '..', 'complete.json');
    const told: [number, number][] = [];
    const make = () => makeShapes10({ ...wanted, onProgress: (done, total) => told.push([done, total]) });
    rmSync(path);
    await make();
    expect([told.length, told.at(-1)]).toEqual([150, [150, 150]]);
    writeFileSync(path, bytes.subarray(0, 5000));
    await make();
    expect(readFileSync(path).equals(bytes)).toBe(true);
    // A shard that nothing vouches for is not believed, be it whole or damaged.
    const changed = Buffer.from(bytes);
    changed[9000] ^= 1;
    for (const note of [undefined, 'not json', JSON.stringify({ version: 1, count: 150, shards: [] })]) {
      if (note === undefined) rmSync(marker);
      else writeFileSync(marker, note);
      writeFileSync(path, changed);
      told.length = 0;
      await make();
      expect(told.length).toBe(150);
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(JSON.parse(readFileSync(marker, 'utf8'))).toEqual({
        version: 1,
        count: 150,
        shards: [{ name: 'shapes10-train-000.tar', sha256: sha(bytes) }],
      });
    }
    told.length = 0;
    await make();
    expect(told).toEqual([]);
    expect(readdirSync(join(path, '..')).sort()).toEqual([
      'classes.txt',
      'complete.json',
      'shapes10-train-000.tar',
    ]);
  });
});

test('row 14: a run that was interrupted keeps the shards that were whole, and makes the others', async () => {
  const wanted = { count: 5001, size: 16, dir: join(folder, 'interrupted') };
  const stop = (done: number) => {
    if (done === 5001) throw new Error('interrupted');
  };
  await expect(makeShapes10({ ...wanted, onProgress: stop })).rejects.toThrow('interrupted');
  const told: [number, number][] = [];
  const paths = await makeShapes10({ ...wanted, onProgress: (...done) => told.push(done) });
  expect(told).toEqual([[1, 1]]);
  expect(readdirSync(join(paths[0] as string, '..')).sort()).toEqual([
    'classes.txt',
    'complete.json',
    'shapes10-train-000.tar',
    'shapes10-train-001.tar',
  ]);
});

test('pictures of other sizes have that size', async () => {
  const data = await shapes10InMemory({ size: 64, count: 3, split: 'test' });
  expect(data.item(2).image).toMatchObject({ kind: 'pixels', width: 64, height: 64, channels: 3 });
  expect(() => data.item(3)).toThrow(RangeError);
});

test('color and brightness do not depend on the class', async () => {
  const train = features(await shapes10InMemory({ count: 600 }));
  const held = features(await shapes10InMemory({ count: 300, split: 'test' }));
  // Nearest class mean of mean color and contrast: chance is 10 %, a telling feature would show.
  const means = SHAPES.map((_, label) => {
    const own = train.filter((f) => f.label === label).map((f) => f.values);
    return [0, 1, 2, 3].map((k) => own.reduce((sum, v) => sum + (v[k] as number), 0) / own.length);
  });
  const right = held.filter(({ label, values }) => {
    const far = means.map((mean) => Math.hypot(...mean.map((m, k) => m - (values[k] as number))));
    return far.indexOf(Math.min(...far)) === label;
  });
  expect(right.length / held.length).toBeLessThan(0.25);
});

test('options are checked', async () => {
  await expect(makeShapes10({ size: 8 })).rejects.toThrow(UsageError);
  await expect(makeShapes10({ counts: 8 } as object)).rejects.toThrow(/unknown option 'counts'/);
  writeFileSync(join(folder, 'a-file'), '');
  await expect(makeShapes10({ count: 1, dir: join(folder, 'a-file') })).rejects.toThrow(
    /the folder cannot be made .*; choose another place/,
  );
});

function features(data: Dataset): { label: number; values: number[] }[] {
  return Array.from({ length: data.length }, (_, i) => {
    const { image, label } = data.item(i);
    const { data: pixels } = image as { data: Uint8Array };
    const values = [0, 0, 0, 0];
    const n = pixels.length / 3;
    for (let p = 0; p < pixels.length; p++)
      values[p % 3] = (values[p % 3] as number) + (pixels[p] as number) / n;
    const mean = ((values[0] as number) + (values[1] as number) + (values[2] as number)) / 3;
    const spread = pixels.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pixels.length;
    values[3] = Math.sqrt(spread);
    return { label: label as number, values };
  });
}
