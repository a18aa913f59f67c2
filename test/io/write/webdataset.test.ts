/** Shards of the WebDataset writer come back through its reader, whatever they hold. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, openWebdataset } from '../../../src/io/index.js';
import type { OutputSample, OutputSchema } from '../../../src/io/write/output.js';
import { webdatasetFormat } from '../../../src/io/write/webdataset.js';
import { scratchFolder } from '../make.js';
import { birds, checkFiles, checkImages, place, SCHEMA } from './samples.js';

const folder = scratchFolder();
let made = 0;
const fresh = () => {
  const dir = join(folder, String(made++));
  mkdirSync(dir);
  return dir;
};
const TARGETS = { masks: { Parts: { bits: 16 as const } } };

async function write(dir: string, samples: readonly OutputSample[], schema: OutputSchema = SCHEMA) {
  const writer = webdatasetFormat.shard(place(dir), schema);
  try {
    for (const sample of samples) await writer.add(sample);
    const files = await writer.finish();
    const shard = { split: 'train', index: 0, samples: samples.length, files };
    const read = async (file: string) => readFileSync(join(dir, file));
    const more = await webdatasetFormat.index?.(dir, [shard], schema, read);
    return [...files, ...(more ?? [])];
  } finally {
    writer.dispose();
  }
}

describe('webdatasetFormat', () => {
  it('gives back labels, boxes, keypoints, masks and the bytes of images', async () => {
    const dir = fresh();
    const samples = await birds();
    const files = await write(dir, samples);
    expect(files.map(({ path }) => path)).toEqual(['train-000000.tar', 'classes.txt', 'box-classes.txt']);
    checkFiles(dir, files);
    const data = await openWebdataset(join(dir, 'train-*.tar'), { cache: false, targets: TARGETS });
    expect(data.classes).toEqual(SCHEMA.classes);
    expect(data.boxClasses).toEqual(SCHEMA.boxClasses);
    expect(data.length).toBe(3);
    using decoder = new Decoder();
    samples.forEach((sample, i) => {
      const { id, label, targets } = data.item(i);
      expect(id).toBe(`train-000000.tar/${sample.key}.png`);
      expect(label).toEqual(sample.label);
      expect(targets?.boxes?.items).toEqual(sample.boxes);
      expect(targets?.boxes?.format).toBe(sample.boxes && 'voc');
      expect(targets?.keypoints?.items).toEqual(sample.keypoints);
      checkImages(data.item(i), sample, decoder);
    });
  });

  it('writes the same bytes for the same samples', async () => {
    const [one, two] = [fresh(), fresh()];
    expect(await write(one, await birds())).toEqual(await write(two, await birds()));
  });

  it('leaves out labels where the schema has none', async () => {
    const dir = fresh();
    const samples = (await birds()).map(({ label: _, ...rest }) => rest);
    const files = await write(dir, samples, { ...SCHEMA, labels: false });
    expect(files.map(({ path }) => path)).toEqual(['train-000000.tar', 'box-classes.txt']);
    const data = await openWebdataset(join(dir, 'train-*.tar'), { cache: false, labels: false });
    expect([data.length, data.classes]).toEqual([3, ['unlabeled']]);
    expect(data.item(0).targets?.boxes?.items).toHaveLength(1);
  });

  it('gives back any boxes, keypoints and distributions', async () => {
    const coordinate = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true });
    const box = fc
      .tuple(
        coordinate,
        coordinate,
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.integer({ min: 0, max: 1 }),
      )
      .map(([x, y, size, label]) => ({ box: [x, y, x + size, y + size] as const, label }));
    const keypoint = fc.record(
      { x: coordinate, y: coordinate, name: fc.string(), visible: fc.boolean() },
      { requiredKeys: ['x', 'y'] },
    );
    const shares = fc
      .integer({ min: 1, max: 254 })
      .map((n) => Float32Array.of(n / 256, (255 - n) / 256, 1 / 256));
    const [base] = (await birds()) as [OutputSample];
    await fc.assert(
      fc.asyncProperty(
        fc.array(box, { maxLength: 4 }),
        fc.array(keypoint, { maxLength: 4 }),
        fc.oneof(fc.integer({ min: 0, max: 2 }), shares),
        fc.stringMatching(/^[A-Za-z0-9_-]{1,120}(\/[A-Za-z0-9_-]{1,20}){0,3}$/),
        async (boxes, keypoints, label, key) => {
          const dir = fresh();
          await write(dir, [{ ...base, key, label, boxes, keypoints } as OutputSample]);
          const data = await openWebdataset(join(dir, '*.tar'), { cache: false });
          const item = data.item(0);
          expect(item.id).toBe(`train-000000.tar/${key}.png`);
          expect(item.label).toEqual(label);
          const through = JSON.parse(JSON.stringify([boxes, keypoints]));
          expect([item.targets?.boxes?.items, item.targets?.keypoints?.items]).toEqual(through);
        },
      ),
      { numRuns: 60, seed: 17 },
    );
  });
});

describe('a sample that contradicts its schema is refused, and the shard goes on', () => {
  const wrong: [string, (sample: OutputSample) => unknown, RegExp][] = [
    ['a key with a dot', () => ({ key: 'a.b' }), /a key of A-Z a-z 0-9 _ - and \/ alone but received 'a.b'/],
    ['a key that leaves', () => ({ key: '../a' }), /a key of/],
    ['an absolute key', () => ({ key: '/a' }), /a key of/],
    ['no label', () => ({ label: undefined }), /'x': it has no label; give one/],
    ['a label beyond', () => ({ label: 3 }), /expected a number of 0..2 or a distribution/],
    ['half a label', () => ({ label: 0.5 }), /expected a number of 0..2/],
    ['no distribution', () => ({ label: Float32Array.of(1, 1, 1) }), /expected a number of 0..2/],
    ['a list as label', () => ({ label: [0.5, 0.25, 0.25] }), /or a distribution over 3 classes/],
    ['no image', (s) => ({ image: { ...s.image, bytes: new Uint8Array() } }), /its image is empty/],
    ['no size', (s) => ({ image: { ...s.image, width: 0 } }), /whole numbers ≥ 1/],
    ['an inverted box', () => ({ boxes: [{ box: [5, 5, 1, 9], label: 0 }] }), /x0 < x1/],
    ['a box of NaN', () => ({ boxes: [{ box: [Number.NaN, 5, 1, 9], label: 0 }] }), /is not JSON|x0 < x1/],
    ['a box of an unknown class', () => ({ boxes: [{ box: [1, 5, 9, 9], label: 2 }] }), /a label of 0..1/],
    [
      'a field of a box',
      () => ({ boxes: [{ box: [1, 5, 9, 9], label: 1, on: new Date(0) }] }),
      /is not JSON/,
    ],
    ['a keypoint of infinity', () => ({ keypoints: [{ x: 1, y: 1 / 0 }] }), /is not JSON/],
    [
      'an unknown mask',
      (s) => ({ masks: { other: s.masks?.mask } }),
      /its mask 'other' is none of the schema's/,
    ],
    ['a mask of another size', (s) => ({ image: { ...s.image, width: 23 } }), /mask 'mask' has 24×16 pixels/],
    [
      'a mask that is no PNG',
      () => ({ masks: { mask: { png: new Uint8Array(40) } } }),
      /mask 'mask' is no PNG/,
    ],
    ['a color mask', (s) => ({ masks: { mask: { png: s.image.bytes } } }), /is no gray PNG of 8 or 16 bits/],
    ['a meta that is no JSON', () => ({ meta: { f: () => 1 } }), /is not JSON/],
    ['a hole in a list', () => ({ meta: { list: [1, undefined] } }), /undefined at '1' is not JSON/],
    ['a list as meta', () => ({ meta: [] }), /expected meta|meta: expected an object/],
    ['a key that is taken', () => ({ key: 'auk/2' }), /'auk\/2': the shard has a sample of this key already/],
  ];

  it.each(wrong)('%s', async (_, change, message) => {
    const dir = fresh();
    const [first, second, third] = (await birds()) as [OutputSample, OutputSample, OutputSample];
    const writer = webdatasetFormat.shard(place(dir), SCHEMA);
    await writer.add(second);
    const bad = { ...first, key: 'x', ...(change(first) as object) } as OutputSample;
    expect(() => writer.add(bad)).toThrow(message);
    expect(() => writer.add(bad)).toThrow(/^webdataset: /);
    await writer.add(third);
    await writer.finish();
    const data = await openWebdataset(join(dir, '*.tar'), { cache: false, classes: [...SCHEMA.classes] });
    expect([data.length, data.problems]).toEqual([2, []]);
  });

  it.each([
    [{ classes: ['a\nb'] }, /the class 'a.*b' cannot stand on a line/],
    [{ boxClasses: [' a'] }, /the box class ' a' cannot stand/],
    [{ masks: ['a.b'] }, /the mask 'a.b' cannot be an ending/],
    [{ masks: ['a', 'A'] }, /the mask 'A' differs from another in case alone/],
    [{ masks: ['seg'] }, /the mask 'seg' would be read/],
  ])('a schema that it cannot hold: %j', (change, message) => {
    expect(webdatasetFormat.fault?.({ ...SCHEMA, ...change })).toMatch(message);
    expect(webdatasetFormat.fault?.(SCHEMA)).toBeUndefined();
  });
});

it('a shard that is not finished leaves nothing, and a staged file never replaces one', async () => {
  const dir = fresh();
  const writer = webdatasetFormat.shard(place(dir), SCHEMA);
  for (const sample of await birds()) await writer.add(sample);
  expect(() => webdatasetFormat.shard(place(dir), SCHEMA)).toThrow(
    /cannot be written \(a file is in its place, EEXIST\)/,
  );
  expect(existsSync(join(dir, 'train-000000.tar'))).toBe(true);
  writer.dispose();
  expect(readdirSync(dir)).toEqual([]);
  await expect(async () => writer.finish()).rejects.toThrow(/is closed; open a new writer/);
});
