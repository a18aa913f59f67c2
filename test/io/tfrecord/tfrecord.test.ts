/** TFRecord files of TensorFlow and of hostile hands. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item, MaskRef } from '../../../src/core/index.js';
import { crc32, crc32c } from '../../../src/io/crc.js';
import type { OpenedDataset } from '../../../src/io/index.js';
import { readExample } from '../../../src/io/tfrecord/example.js';
import { masked } from '../../../src/io/tfrecord/records.js';
import { openTfrecord } from '../../../src/io/tfrecord/tfrecord.js';
import { bytesOf, scratchFolder } from '../make.js';
import { example, field, record, type Values, varint } from './make-records.js';

const golden = join(import.meta.dirname, '../../golden/tfrecord');
const folder = scratchFolder();
const cache = join(folder, 'cache');

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const items = (data: OpenedDataset): Item[] => Array.from({ length: data.length }, (_, i) => data.item(i));
let files = 0;
function file(...records: Uint8Array[]): string {
  const path = join(folder, `f${files++}.tfrecord`);
  writeFileSync(path, Buffer.concat(records));
  return path;
}
const text = (value: string) => [Buffer.from(value)];
const reasons = (data: OpenedDataset) =>
  data.problems.map(({ where, reason }) => `${where.replace(/^f\d+/, 'f')}: ${reason}`);

describe('openTfrecord()', () => {
  const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8'));

  it.each(['plain', 'packed', 'packed-zlib'])('reads what TensorFlow wrote as %s.tfrecord', async (name) => {
    const path = join(golden, `${name}.tfrecord`);
    const data = await openTfrecord(path, {
      label: 'image/class/text',
      masks: 'image/segmentation/class/encoded',
      boxes: { classes: ['wing', 'leg'] },
      cache,
    });
    expect(data.classes).toEqual(expected.names);
    expect(data.boxClasses).toEqual(['wing', 'leg']);
    const all = items(data);
    expect(all.map(({ id }) => id)).toEqual(
      expected.labels.map((_: number, i: number) => `${name}.tfrecord/${i}`),
    );
    expect(all.map(({ label }) => label)).toEqual(expected.labels);
    expect(all.map(({ image }) => digest(bytesOf(image)))).toEqual(expected.images);
    const masks = all.map(({ targets }) => (targets?.masks?.mask as { image: MaskRef } | undefined)?.image);
    expect(masks.map((mask) => digest(bytesOf(mask)))).toEqual(expected.masks);
    expect(all.map(({ targets }) => targets?.boxes?.items.map(({ box }) => box))).toEqual(expected.boxes);
    expect(all.map(({ targets }) => targets?.boxes?.items.map(({ label }) => label + 1))).toEqual(
      expected.classes,
    );
    expect(all[0]?.targets?.boxes?.format).toBe('normalized');
    expect(data.problems.map(({ reason, passed }) => [passed, reason])).toEqual([
      [
        0,
        "6 of its features are not read: 'image/class/label', 'image/filename', 'image/height', 'image/object/class/text', 'negative', 'shares'; name in the options what should be",
      ],
    ]);
    if (name === 'plain') expect(all[0]?.image).toMatchObject({ path });

    const numbers = await openTfrecord(path, { boxes: { label: 'image/object/class/text' }, cache });
    expect(numbers.classes).toEqual(['0', '1', '2']);
    expect(items(numbers).map(({ label }) => label)).toEqual(expected.labels);
    expect(numbers.boxClasses).toEqual(['leg', 'wing']);
    const soft = await openTfrecord(path, { label: 'shares', classes: ['a', 'b'], cache });
    expect([...(soft.item(0).label as Float32Array)]).toEqual([0.25, 0.75]);
  });

  it('reads plain files without a cache, and refuses compressed ones then', async () => {
    expect((await openTfrecord(join(golden, 'plain.tfrecord'), { cache: false })).length).toBe(6);
    await expect(openTfrecord(join(golden, 'packed.tfrecord'), { cache: false })).rejects.toThrow(
      'is compressed and must be unpacked to the cache, but cache is false',
    );
  });

  it('counts classes from the number that is said', async () => {
    const path = file(
      ...[1, 2, 0].map((label) =>
        record(example({ 'image/encoded': text('x'), 'image/class/label': { ints: [label] } })),
      ),
    );
    const data = await openTfrecord(path, { firstLabel: 1, classes: ['a', 'b'], cache });
    expect(items(data).map(({ label }) => label)).toEqual([0, 1]);
    expect(reasons(data)).toEqual([
      'f.tfrecord/2: its label -1 is not in 0..1; correct the label or give all classes',
    ]);
  });

  const good = (label = 0) =>
    record(example({ 'image/encoded': text('image'), 'image/class/label': { ints: [label] } }));
  const odd = (features: Readonly<Record<string, Values>>) =>
    record(example({ 'image/encoded': text('x'), 'image/class/label': { ints: [0] }, ...features }));

  it.each<[string, Buffer, string]>([
    [
      'a wrong checksum',
      Buffer.from(good()).fill(1, 20, 21),
      'its checksum does not hold, so it is damaged; download or write it again',
    ],
    [
      'no example',
      record(Buffer.from([0x0b])),
      'it is no tf.train.Example (it has a field of the unknown wire type 3); write it again',
    ],
    [
      'a field beyond its end',
      record(Buffer.from([0x0a, 0x7f])),
      'it is no tf.train.Example (it has a field that is longer than it); write it again',
    ],
    [
      'an endless number',
      record(Buffer.alloc(40, 0xff)),
      'it is no tf.train.Example (it has a number of too many bytes); write it again',
    ],
    [
      'no record',
      record(Buffer.alloc(0)),
      "it has no image in 'image/encoded'; its features are none; give image",
    ],
    [
      'no image',
      odd({ 'image/encoded': [] }),
      "it has no image in 'image/encoded'; its features are 'image/encoded', 'image/class/label'; give image",
    ],
    [
      'several images',
      odd({ 'image/encoded': [...text('a'), ...text('b')] }),
      "its feature 'image/encoded' has 2 values; one is expected",
    ],
    [
      'an image of numbers',
      odd({ 'image/encoded': { ints: [1] } }),
      "its feature 'image/encoded' holds int64, not bytes; fix it",
    ],
    [
      'several labels',
      odd({ 'image/class/label': { ints: [1, 2] } }),
      "its feature 'image/class/label' has 2 values; one is expected",
    ],
    [
      'no label',
      odd({ 'image/class/label': { ints: [] } }),
      'it has no label; give it one, or remove the row',
    ],
    [
      'a label beyond the classes',
      odd({ 'image/class/label': { ints: [2n ** 63n - 1n] } }),
      'its label 9223372036854776000 is not in 0..0; correct the label or give all of the classes',
    ],
    [
      'a feature twice',
      record(Buffer.concat([example({ a: text('x') }), example({ a: text('y') })])),
      "it is no tf.train.Example (it has the feature 'a' twice); write it again",
    ],
  ])('%s: the record is left out by name, and the others are read', async (_, bad, reason) => {
    const data = await openTfrecord(file(good(), bad, good()), { cache });
    expect(data.length).toBe(2);
    expect(reasons(data)).toEqual([`f.tfrecord/1: ${reason}`]);
  });

  it.each<[string, Buffer, number, string]>([
    [
      'cut in a record',
      Buffer.concat([good(), good()]).subarray(0, -5),
      1,
      'f.tfrecord: it is cut short inside record 1; download or write it again',
    ],
    [
      'cut in a head',
      Buffer.concat([good(), good().subarray(0, 7)]),
      1,
      'f.tfrecord: it is cut short in the head of record 1; download or write it again',
    ],
    [
      'a damaged length',
      Buffer.concat([good(), Buffer.alloc(100, 7)]),
      1,
      'f.tfrecord: the length of record 1 is damaged, so its 100 bytes from byte',
    ],
    [
      'a length beyond the file',
      Buffer.concat([good(), hugeHead()]),
      1,
      'f.tfrecord: it is cut short inside record 1',
    ],
  ])('%s: what stands before is read', async (_, bytes, count, reason) => {
    const data = await openTfrecord(file(bytes), { cache });
    expect(data.length).toBe(count);
    expect(reasons(data)).toEqual([expect.stringContaining(reason)]);
  });

  it('another file, an empty one and a cut gzip are named', async () => {
    await expect(openTfrecord(file(Buffer.from('no records at all')), { cache })).rejects.toThrow(
      /it is no TFRecord file, so its 17 bytes from byte 0 on are lost/,
    );
    await expect(openTfrecord(file(), { cache })).rejects.toThrow(
      /^tfrecord: no usable sample in f\d+\.tfrecord; they have no records$/,
    );
    const packed = gzipSync(
      Buffer.concat(
        Array.from({ length: 50 }, (_, i) =>
          record(
            example({
              'image/encoded': [createHash('sha256').update(`${i}`).digest()],
              'image/class/label': { ints: [0] },
            }),
          ),
        ),
      ),
    );
    const data = await openTfrecord(file(packed.subarray(0, packed.length / 2)), { cache });
    expect(data.length).toBeGreaterThan(5);
    expect(reasons(data)[0]).toContain('its gzip is cut short');
    expect(reasons(data)[1]).toContain('it is cut short');
  });

  it('drops boxes without an area and with labels that are none, counts them and keeps the image; uneven lists refuse the record', async () => {
    const boxes = (sides: Record<string, number[]>, labels: number[]) =>
      odd({
        ...Object.fromEntries(
          Object.entries(sides).map(([side, floats]) => [`image/object/bbox/${side}`, { floats }]),
        ),
        'image/object/class/label': { ints: labels },
      });
    const sides = {
      xmin: [0, 0.5, Number.NaN, 0.25],
      ymin: [0, 0, 0, 0],
      xmax: [0.5, 0.25, 1, 0.75],
      ymax: [1, 1, 1, 1],
    };
    const data = await openTfrecord(
      file(boxes(sides, [1, 1, 1, 9]), boxes({ ...sides, xmax: [1] }, [1, 1, 1, 1])),
      {
        boxes: { classes: ['wing'] },
        cache,
      },
    );
    expect(data.length).toBe(1);
    expect(data.item(0).targets?.boxes?.items).toEqual([{ box: [0, 0, 0.5, 1], label: 0 }]);
    expect(reasons(data)).toEqual([
      'f.tfrecord/1: its boxes have 4, 4, 1, 4, 4 values of xmin, ymin, xmax, ymax and labels; give each box all of them',
      'f.tfrecord: 2 boxes are dropped because they have no area or are no four numbers, the first of row 0; check the format of the boxes, or fix them',
      'f.tfrecord: 1 boxes are dropped, the first of row 0: its label 8 is not in 0..0; correct the label or give all of the classes',
    ]);
  });
});

function hugeHead(): Buffer {
  const head = Buffer.alloc(40);
  head.writeBigUInt64LE(2n ** 62n);
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  return head;
}

describe('readExample()', () => {
  it('gives back what was written, packed or not', () => {
    const values = fc.oneof(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
      fc.array(fc.float({ noNaN: true }), { maxLength: 5 }).map((floats) => ({ floats })),
      fc.array(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), { maxLength: 5 }).map((ints) => ({ ints })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), values), (features) => {
        const read = readExample(example(features));
        expect([...read.keys()].sort()).toEqual(Object.keys(features).sort());
        for (const [name, given] of Object.entries(features)) {
          const found = read
            .get(name)
            ?.values.map((value) => (typeof value === 'number' ? value : [...value]));
          const wanted =
            'floats' in given
              ? given.floats
              : 'ints' in given
                ? given.ints.map(Number)
                : given.map((v) => [...v]);
          expect(found).toEqual(wanted);
        }
      }),
      { seed: 3 },
    );
    const unpacked = (kind: number, body: Uint8Array) =>
      field(1, field(1, Buffer.concat([field(1, Buffer.from('a')), field(2, field(kind, body))])));
    const ints = Buffer.concat([varint(8), varint(300), varint(8), varint(-1)]);
    expect(readExample(unpacked(3, ints)).get('a')?.values).toEqual([300, -1]);
    const floats = Buffer.from([0x0d, 0, 0, 0x80, 0x3f]);
    expect(readExample(unpacked(2, floats)).get('a')?.values).toEqual([1]);
  });
});

describe('crc', () => {
  it('gives the known checksums, whole and in parts', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) % 256));
    for (const at of [0, 1, 7, 8, 9, 500, 1000])
      expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(crc32c(bytes));
  });
});
