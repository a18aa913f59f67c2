/** Parquet files that we write: read back by us, and by Python's datasets where it is installed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaskRef } from '../../../src/core/index.js';
import { openParquet } from '../../../src/io/parquet/parquet.js';
import { ParquetFile } from '../../../src/io/parquet/parquet-file.js';
import type { OutputSample, OutputSchema } from '../../../src/io/write/output.js';
import { parquetFormat } from '../../../src/io/write/parquet/parquet.js';
import { bytesOf, scratchFolder } from '../make.js';

const folder = scratchFolder();
const cache = join(folder, 'cache');
const full: OutputSchema = {
  name: 'made',
  classes: ['ant', 'bee', 'café'],
  boxClasses: ['wing', 'leg'],
  masks: ['mask', 'parts'],
  keypoints: true,
  labels: true,
};
let shards = 0;

async function write(samples: readonly OutputSample[], schema = full) {
  const dir = join(folder, `out-${shards++}`);
  mkdirSync(dir);
  const shard = parquetFormat.shard({ dir, split: 'train', index: 3, count: 9 }, schema);
  for (const sample of samples) await shard.add(sample);
  const files = await shard.finish();
  return { dir, files, path: join(dir, files[0]?.path as string) };
}

const number = fc.double({ min: 0, max: 500, noNaN: true, noDefaultInfinity: true });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
/** The header of a gray PNG of 3 × 2 pixels, and any bytes behind it. */
const head = Buffer.from('89504e470d0a1a0a0000000d49484452000000030000000208000000000000000000', 'hex');
const png = bytes.map((rest) => ({ png: Buffer.concat([head, rest]) }));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const sample: fc.Arbitrary<OutputSample> = fc.record({
  key: fc.stringMatching(/^[a-z0-9_-]{1,9}(\/[a-z0-9_-]{1,9})?$/),
  image: bytes.map((all) => ({ bytes: all, encoding: 'png' as const, width: 3, height: 2 })),
  label: fc.integer({ min: 0, max: 2 }),
  boxes: optional(
    fc.array(
      fc
        .record(
          {
            at: fc.tuple(number, number, fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })),
            label: fc.integer({ min: 0, max: 1 }),
            instance: fc.integer({ min: 0, max: 9 }),
            visible: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
          },
          { requiredKeys: ['at', 'label'] },
        )
        .map(({ at: [x, y, w, h], ...rest }) => ({ box: [x, y, x + w, y + h] as const, ...rest })),
      { maxLength: 4 },
    ),
  ),
  keypoints: optional(
    fc.array(
      fc.record(
        {
          x: number,
          y: number,
          name: fc.constantFrom('nose', 'ear'),
          instance: fc.nat(5),
          visible: fc.boolean(),
        },
        { requiredKeys: ['x', 'y'] },
      ),
      { maxLength: 3 },
    ),
  ),
  masks: optional(fc.record({ mask: png, parts: png }, { requiredKeys: [] })),
  meta: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxKeys: 3 }),
}) as fc.Arbitrary<OutputSample>;

describe('parquetFormat', () => {
  it('names the format of its boxes, and no other is read as theirs', async () => {
    const [one] = fc.sample(sample, 1) as [OutputSample];
    const boxes = [{ box: [1, 2, 30, 40] as const, label: 1 }];
    const { path } = await write([{ ...one, boxes }]);
    for (const format of ['voc', 'yolo', 'normalized'] as const)
      await expect(openParquet(path, { boxes: { format }, cache })).rejects.toThrow(
        `parquet: boxes.format: expected 'coco', which the metadata of ${path} name, but received '${format}'; correct it`,
      );
    const { boxClasses: _, ...bare } = full;
    const { boxes: __, ...plain } = one;
    const { problems } = await openParquet((await write([plain], bare)).path, { cache });
    expect(problems.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("'mask (struct<bytes, path>)'"),
    ]);
  });

  it('is read back the same, whatever the samples', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(sample, { minLength: 1, maxLength: 12, selector: ({ key }) => key }),
        async (samples) => {
          const { path } = await write(samples);
          const data = await openParquet(path, {
            masks: { mask: 'mask', parts: 'parts' },
            boxes: { format: 'coco' },
            keypoints: 'keypoints',
            cache,
          });
          expect(data.classes).toEqual(full.classes);
          expect(data.boxClasses).toEqual(full.boxClasses);
          expect(data.length).toBe(samples.length);
          expect(data.problems.filter(({ reason }) => reason.includes('not read'))).toEqual([]);
          samples.forEach((sample, i) => {
            const { image, label, targets } = data.item(i);
            expect(bytesOf(image).equals(sample.image.bytes)).toBe(true);
            // In place, nothing is unpacked.
            expect(image).toMatchObject({ path });
            expect(label).toBe(sample.label);
            expect(targets?.keypoints?.items).toEqual(sample.keypoints ?? []);
            const boxes = (sample.boxes ?? []).map(({ box: [x0, y0, x1, y1], ...rest }) => ({
              box: [x0, y0, x1 - x0, y1 - y0],
              ...rest,
            }));
            expect(targets?.boxes?.items).toEqual(boxes);
            const found = Object.entries(targets?.masks ?? {}).map(([name, mask]) => [
              name,
              [...bytesOf((mask as { image: MaskRef }).image)],
            ]);
            const wanted = Object.entries(sample.masks ?? {}).map(([name, { png }]) => [name, [...png]]);
            expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
          });
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  const plain = (i: number, bytes: Uint8Array): OutputSample => ({
    key: `a/${i}`,
    image: { bytes, encoding: 'jpeg', width: 1, height: 1 },
    label: i % 3,
    meta: { i },
  });
  const small: OutputSchema = {
    name: 'small',
    classes: full.classes,
    masks: [],
    keypoints: false,
    labels: true,
  };

  it('has row groups of at most 100 rows or 64 MiB, images without statistics or compression, the same bytes each time', async () => {
    const many = Array.from({ length: 250 }, (_, i) => plain(i, Buffer.from(`image ${i}`)));
    const first = await write(many, small);
    expect(first.files[0]?.path).toBe('train-000003.parquet');
    const all = readFileSync(first.path);
    expect(first.files[0]).toEqual({
      path: 'train-000003.parquet',
      bytes: all.length,
      sha256: createHash('sha256').update(all).digest('hex'),
    });
    expect((await write(many, small)).files).toEqual(first.files);
    const file = await ParquetFile.open(first.path);
    expect(file.metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([100, 100, 50]);
    const image = file.metadata.row_groups[0]?.columns[0]?.meta_data;
    expect(image).toMatchObject({
      codec: 'UNCOMPRESSED',
      encodings: ['PLAIN'],
      path_in_schema: ['image', 'bytes'],
    });
    expect(image?.statistics).toBeUndefined();
    file.dispose();

    const large = Array.from({ length: 3 }, (_, i) => plain(i, Buffer.alloc(33 << 20, i)));
    const { path } = await write(large, small);
    const groups = await ParquetFile.open(path);
    expect(groups.metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([2, 1]);
    groups.dispose();
    const data = await openParquet(path, { cache });
    for (const [i, { image }] of large.entries())
      expect(bytesOf(data.item(i).image).equals(image.bytes)).toBe(true);
  });

  it('keeps no memory of its caller', async () => {
    const memory = Buffer.from('first');
    const dir = join(folder, `reused-${shards++}`);
    const shard = parquetFormat.shard({ dir, split: 'train', index: 0, count: 1 }, small);
    await shard.add(plain(0, memory));
    memory.write('other');
    await shard.finish();
    const data = await openParquet(join(dir, 'train-000000.parquet'), { cache });
    expect(bytesOf(data.item(0).image).toString()).toBe('first');
  });

  it('writes an empty shard, and one without labels', async () => {
    const empty = await write([], small);
    await expect(openParquet(empty.path, { cache })).rejects.toThrow(
      'no usable sample in train-000003.parquet',
    );
    const { label: _, ...bare } = plain(0, Buffer.from('x'));
    const { path } = await write([bare], { ...small, labels: false });
    expect((await openParquet(path, { label: false, cache })).length).toBe(1);
  });

  it.each([
    [
      { label: Float32Array.of(0.5, 0.5, 0) },
      'its label is a distribution, which the column of classes cannot hold; write WebDataset',
    ],
    [{ label: undefined }, 'it has no label'],
    [{ boxes: [{ box: [0, 0, 1, 1], label: 0 }] }, 'the schema has no boxClasses; add them'],
    [{ keypoints: [{ x: 1, y: 1 }] }, 'the schema says that there are no keypoints'],
    [{ masks: { other: { png: Buffer.from('x') } } }, "its mask 'other' is none of the schema's"],
  ])('refuses %o by the key of the sample, and goes on', async (odd, reason) => {
    const dir = join(folder, `odd-${shards++}`);
    const shard = parquetFormat.shard({ dir, split: 'val', index: 0, count: 1 }, small);
    await shard.add(plain(0, Buffer.from('x')));
    await expect(shard.add({ ...plain(1, Buffer.from('y')), ...odd } as OutputSample)).rejects.toThrow(
      `parquet: 'a/1': ${reason}`,
    );
    await shard.add(plain(2, Buffer.from('z')));
    await shard.finish();
    expect((await openParquet(join(dir, 'val-000000.parquet'), { cache })).length).toBe(2);
  });

  it('refuses a weight of a box, and a mask that has the name of a column', async () => {
    await expect(
      write([{ ...plain(0, Buffer.from('x')), boxes: [{ box: [0, 0, 1, 1], label: 0, weight: 0.5 }] }]),
    ).rejects.toThrow("a box of it has the field 'weight', which the columns cannot hold");
    expect(parquetFormat.fault?.({ ...small, masks: ['label'] })).toMatch(
      /^parquet: the mask 'label' has the name of a column/,
    );
    expect(parquetFormat.fault?.(full)).toBeUndefined();
  });
});

/** Samples of images that Pillow wrote: equal bytes on every machine. */
async function fixed(): Promise<OutputSample[]> {
  const golden = join(import.meta.dirname, '../../golden/parquet/hf.parquet');
  const data = await openParquet(golden, { masks: 'mask', cache });
  const { image, targets } = data.item(0);
  const png = bytesOf(image);
  const mask = targets?.masks?.mask as { image: MaskRef } | undefined;
  if (!mask) throw new Error('a mask was expected');
  const gray = bytesOf(mask.image);
  return Array.from({ length: 130 }, (_, i) => ({
    key: `s/${i}`,
    image: { bytes: png, encoding: 'png', width: 8, height: 6 },
    label: i % 3,
    boxes: i % 2 === 1 ? [{ box: [1, 2, 4, 6], label: 1, instance: 4 }] : [],
    ...(i % 2 === 0 && { masks: { mask: { png: gray }, parts: { png: gray } } }),
    keypoints: i === 0 ? [] : [{ x: 1.5, y: 2, ...(i % 2 === 1 && { name: 'nose' }) }],
    meta: { from: `é${i}` },
  }));
}

it('writes the bytes that datasets 5.2.0 has read as the test below expects', async () => {
  const { files } = await write(await fixed());
  expect(files[0]?.sha256).toBe('889fa2df9d8e6b05f4d25e08e559ff63dc30356c4e76597e1c353cd3b82a0045');
});

const script = `
import sys, json, hashlib
from datasets import load_dataset
data = load_dataset("parquet", data_files=sys.argv[1], split="train", cache_dir=sys.argv[2])
print(json.dumps({
  "label": data.features["label"].names, "category": data[0] and data.features["objects"]["category"].feature.names,
  "rows": [{"size": r["image"].size, "mode": r["image"].mode, "pixel": r["image"].getpixel((0, 0)), "label": r["label"],
            "mask": r["mask"] and r["mask"].size, "bbox": r["objects"]["bbox"], "cat": r["objects"]["category"],
            "x": r["keypoints"]["x"], "names": r["keypoints"]["name"], "key": r["key"], "meta": json.loads(r["meta"])} for r in data]}))
`;
const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import datasets, PIL']).status === 0,
);
const why = python ? '' : ' (skipped: no python with datasets and PIL is installed)';

describe.skipIf(!python)(`read by Hugging Face's datasets${why}`, () => {
  it('load_dataset() decodes images and masks, and knows the names', async () => {
    const { path, dir } = await write(await fixed());
    const { stdout, stderr, status } = spawnSync(python as string, ['-c', script, path, join(dir, 'hf')], {
      encoding: 'utf8',
      env: { ...process.env, HF_HUB_OFFLINE: '1' },
    });
    expect(status, stderr).toBe(0);
    const read = JSON.parse(stdout.trim().split('\n').pop() as string);
    expect(read.label).toEqual(full.classes);
    expect(read.category).toEqual(full.boxClasses);
    expect(read.rows).toHaveLength(130);
    expect(read.rows[1]).toMatchObject({
      size: [8, 6],
      mode: 'RGB',
      label: 1,
      mask: null,
      bbox: [[1, 2, 3, 4]],
      cat: [1],
      x: [1.5],
      names: ['nose'],
      key: 's/1',
      meta: { from: 'é1' },
    });
    expect(read.rows[128]).toMatchObject({
      mask: [8, 6],
      bbox: [],
      cat: [],
      x: [1.5],
      names: [null],
      label: 2,
    });
  });
});
