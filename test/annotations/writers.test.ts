/** Writers of folders of files: what they write is read back the same, and what they cannot hold is refused by name. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BoundingBox, Keypoint } from '../../src/core/index.js';
import { runsOfId } from '../../src/io/annotations/rle.js';
import { openCoco, openImageFolder, openYolo } from '../../src/io/index.js';
import { cocoFormat } from '../../src/io/write/coco.js';
import { runsByInstance } from '../../src/io/write/coco-sample.js';
import { folderNames, nameOfFolder } from '../../src/io/write/file-names.js';
import { folderFormat } from '../../src/io/write/folder.js';
import type { FinishedShard, OutputFormat, OutputSample, OutputSchema } from '../../src/io/write/output.js';
import { pngOfIds } from '../../src/io/write/png.js';
import { yoloFormat } from '../../src/io/write/yolo.js';
import { scratchFolder } from '../io/make.js';
import { checkFiles } from '../io/write/samples.js';
import { all, idsOf, png, told } from './make.js';

const folder = scratchFolder();
let image: Buffer;
let count = 0;
beforeAll(async () => {
  image = await png(20, 10);
});

const base: OutputSchema = {
  name: 'made',
  classes: ['cat', 'dog'],
  masks: [],
  keypoints: false,
  labels: false,
};
const sample = (key: string, rest: Partial<OutputSample> = {}): OutputSample => ({
  key,
  image: { bytes: image, encoding: 'png', width: 20, height: 10 },
  meta: {},
  ...rest,
});

/** Writes shards of one split each, in a folder of their own, and the index. */
async function written(format: OutputFormat, schema: OutputSchema, shards: Record<string, OutputSample[][]>) {
  expect(format.fault?.(schema)).toBeUndefined();
  const dir = join(folder, `w${count++}`);
  mkdirSync(dir);
  const finished: FinishedShard[] = [];
  for (const [split, list] of Object.entries(shards)) {
    for (const [index, samples] of list.entries()) {
      const writer = format.shard({ dir, split, index, count: list.length }, schema);
      for (const one of samples) await writer.add(one);
      finished.push({ split, index, samples: samples.length, files: await writer.finish() });
    }
  }
  const index =
    (await format.index?.(dir, finished, schema, async (file) => readFileSync(join(dir, file)))) ?? [];
  const files = [...finished.flatMap((shard) => shard.files), ...index];
  const found = (readdirSync(dir, { recursive: true }) as string[]).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  expect(files.map(({ path }) => path).sort()).toEqual(found.sort());
  checkFiles(dir, files);
  return { dir, files };
}

const side = fc.double({ min: 0, max: 1, noNaN: true });
const boxOf = (width: number, height: number) =>
  fc
    .tuple(side, side, side, side)
    .map(([a, b, c, d]): [number, number, number, number] => [
      Math.min(a, b) * width,
      Math.min(c, d) * height,
      Math.max(a, b) * width,
      Math.max(c, d) * height,
    ])
    .filter(([x0, y0, x1, y1]) => x1 - x0 > 1e-3 && y1 - y0 > 1e-3);
const boxes = fc.array(fc.record({ box: boxOf(20, 10), label: fc.nat(1) }), { maxLength: 6 });
/** Within 1e-6 of the image's side. */
const near = (found: readonly number[], box: readonly number[]) => {
  for (const [i, n] of box.entries())
    expect(Math.abs((found[i] as number) - n)).toBeLessThanOrEqual(1e-6 * 20);
};

describe('yolo', () => {
  const schema = { ...base, boxClasses: ['a "b": #c', "it's"] };
  test('any boxes come back, within 1e-6 of the sides', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(boxes, { minLength: 1, maxLength: 4 }), async (all_) => {
        const samples = all_.map((list, i) => sample(`k/${i}`, { boxes: list }));
        const { dir } = await written(yoloFormat, schema, { train: [samples], val: [[sample('v')]] });
        const data = await openYolo(dir, { split: 'train' });
        expect(data.problems).toEqual([]);
        expect(data.boxClasses).toEqual(schema.boxClasses);
        expect(all(data).map(({ id }) => id)).toEqual(samples.map(({ key }) => `images/train/${key}.png`));
        all(data).forEach(({ targets }, i) => {
          const found = targets?.boxes?.items ?? [];
          expect(found.map(({ label }) => label)).toEqual(all_[i]?.map(({ label }) => label));
          found.forEach(({ box: [x, y, w, h] }, n) => {
            near(
              [(x - w / 2) * 20, (y - h / 2) * 10, (x + w / 2) * 20, (y + h / 2) * 10],
              all_[i]?.[n]?.box ?? [],
            );
          });
        });
      }),
      { numRuns: 12, seed: 17 },
    );
  });
  test('what it cannot hold is refused', () => {
    expect(yoloFormat.fault?.(base)).toContain('expected boxes');
    expect(yoloFormat.fault?.({ ...schema, masks: ['m'] })).toContain('masks are not written');
    expect(yoloFormat.fault?.({ ...schema, keypoints: true })).toContain('keypoints are not written');
    expect(yoloFormat.fault?.({ ...schema, labels: true })).toContain('no labels of whole images');
  });
});

describe('folder', () => {
  test('labels, masks and any class names come back', async () => {
    const classes = ['Cat', 'cat', 'AC/DC', '..', 'con', 'é', 'e\u0301', '100%', ' a.', '狗', 'LPT1.x'];
    const ids = new Uint16Array(200).map((_, i) => 7 * i);
    const schema = { ...base, classes, labels: true, masks: ['part/s'] };
    const samples = classes.map((_, label) =>
      sample(`k${label}`, { label, masks: { 'part/s': { png: pngOfIds(ids, 20, 10) } } }),
    );
    const { dir } = await written(folderFormat, schema, {
      train: [samples, [sample('x/nul', { label: Float32Array.from(classes, (_, i) => Number(i === 1)) })]],
    });
    const root = join(dir, 'train');
    const masks = { parts: join(dir, 'train-masks', 'part%2Fs') };
    const options = {
      escaped: true,
      classes: join(dir, 'classes.txt'),
      masks,
      targets: { masks: { parts: { bits: 16 } } },
    } as const;
    const data = await openImageFolder(root, options);
    expect(data.classes).toEqual(classes);
    const found = all(data);
    expect(found.map(({ id, label }) => [id.split('/').slice(1).join('/'), label]).sort()).toEqual(
      [...samples.map(({ key, label }) => [`${key}.png`, label]), ['x/%6Eul.png', 1]].sort(),
    );
    const one = found.find(({ id }) => id.endsWith('k3.png'));
    expect(idsOf(one as (typeof found)[0]).parts?.data).toEqual([...ids]);
    expect(readFileSync((one as { image: { path: string } }).image.path).equals(image)).toBe(true);
    const plain = await openImageFolder(root, { classes: join(dir, 'classes.txt') });
    expect(plain.classes[2]).toBe('AC%2FDC');
  });

  test('names of folders: legal, unique without case, and undone', () => {
    const char = fc.constantFrom(...'aAbBéÉ./\\:%ßSſ ıIi0\u0301\u0000'.split(''), '狗', '😀');
    const names = fc.uniqueArray(
      fc.oneof(
        fc.string({ unit: char, maxLength: 4 }),
        fc.constantFrom('con', 'CON', 'Com1', 'nul.x', '%41', 'ss'),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(names, (list) => {
        const folders = folderNames('x', list);
        expect(folders.map(nameOfFolder)).toEqual(list);
        for (const fold of [
          (s: string) => s.toLowerCase(),
          (s: string) => s.toUpperCase(),
          (s: string) => s.normalize('NFD').toLowerCase(),
          (s: string) => s.normalize('NFC').toUpperCase(),
        ])
          expect(new Set(folders.map(fold)).size).toBe(list.length);
        for (const one of folders) {
          expect(one).toMatch(/^[^<>:"/\\|?*\p{Cc}]+$/u);
          expect(one).not.toMatch(/^[. ]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        }
      }),
      { numRuns: 500, seed: 17 },
    );
    expect(folderNames('x', ['cat', 'dog 2', 'Straße'])).toEqual(['cat', 'dog 2', 'Straße']);
    expect(nameOfFolder('50%')).toBe('50%');
    expect(() => folderNames('x', ['狗'.repeat(100)])).toThrow('too long for a folder');
  });

  test('what it cannot hold is refused', () => {
    const schema = { ...base, labels: true };
    expect(folderFormat.fault?.({ ...schema, boxClasses: ['a'] })).toContain('holds no boxes');
    expect(folderFormat.fault?.({ ...schema, keypoints: true })).toContain('holds no keypoints');
    expect(folderFormat.fault?.(base)).toContain('expected labels');
    expect(folderFormat.fault?.({ ...schema, classes: ['x'.repeat(300)] })).toContain('too long');
    const writer = folderFormat.shard({ dir: join(folder, 'f'), split: 'train', index: 0, count: 1 }, schema);
    expect(() => writer.add(sample('a', { label: Float32Array.of(0.5, 0.5) }))).toThrow(
      'a distribution over several',
    );
    expect(() => writer.add(sample('a', { label: 2 }))).toThrow('its label is 2');
    writer.add(sample('a', { label: 0 }));
    expect(readdirSync(join(folder, 'f'), { recursive: true })).toContain(join('train', 'cat', 'a.png'));
    writer.dispose();
    expect(readdirSync(join(folder, 'f'), { recursive: true })).not.toContain(join('train', 'cat', 'a.png'));
  });
});

describe('coco', () => {
  const schema: OutputSchema = {
    ...base,
    labels: true,
    boxClasses: ['person', 'ball'],
    masks: ['instances', 'depth'],
    keypoints: true,
  };
  const NAMES = ['nose', 'left_eye', 'right_eye'];
  const points = (instance: number) =>
    fc
      .tuple(
        ...NAMES.map((name) =>
          fc.record({
            x: fc.integer({ min: 0, max: 80 }),
            y: fc.integer({ min: 0, max: 40 }),
            visible: fc.boolean(),
            name: fc.constant(name),
          }),
        ),
      )
      .map((list) =>
        list.map(
          ({ x, y, visible, name }): Keypoint =>
            visible ? { x: x / 4, y: y / 4, name, instance } : { x: 0, y: 0, name, instance, visible },
        ),
      );
  const made = boxes.chain((list) =>
    fc.record({
      boxes: fc.constant(list.map((box, i): BoundingBox => ({ ...box, instance: i + 1 }))),
      keypoints: fc
        .tuple(...list.map((_, i) => fc.oneof(points(i + 1), fc.constant([]))))
        .map((all_) => all_.flat()),
      instances: fc.uint8Array({ minLength: 200, maxLength: 200, max: list.length }),
      depth: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 200, maxLength: 200 }),
      label: fc.nat(1),
    }),
  );

  test('boxes, keypoints, masks and labels come back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 3 }), async (list) => {
        const samples = list.map(({ instances, depth, ...rest }, i) =>
          sample(`a/${i}`, {
            ...rest,
            masks: {
              instances: { png: pngOfIds(instances, 20, 10) },
              depth: { png: pngOfIds(Uint16Array.from(depth), 20, 10) },
            },
            meta: { from: i },
          }),
        );
        const { dir } = await written(cocoFormat, schema, {
          train: [samples, []],
          val: [[sample('v', { label: 1 })]],
        });
        const data = await openCoco(join(dir, 'images', 'train'), join(dir, 'annotations-train.json'));
        expect(told(data).replace(/annotations have segmentations[^\n]*/, '')).toMatch(/^[^\n]*$/);
        expect([data.classes, data.boxClasses]).toEqual([schema.classes, schema.boxClasses]);
        expect(data.length).toBe(samples.length);
        all(data).forEach((item, i) => {
          const { boxes: own, keypoints, instances, depth, label } = list[i] as (typeof list)[0];
          expect([item.id, item.label]).toEqual([`a/${i}.png`, label]);
          const found = item.targets?.boxes?.items ?? [];
          expect(found.map((box) => [box.label, box.instance])).toEqual(
            own.map((box) => [box.label, box.instance]),
          );
          found.forEach(({ box: [x, y, w, h] }, n) => {
            near([x, y, x + w, y + h], own[n]?.box ?? []);
          });
          // Of objects that nobody marked, nothing is left; the others come back point by point.
          const marked = new Set(
            keypoints.filter(({ visible }) => visible !== false).map(({ instance }) => instance),
          );
          expect((item.targets?.keypoints?.items ?? []).map((point) => ({ ...point }))).toEqual(
            expect.arrayContaining(keypoints.filter(({ instance }) => marked.has(instance))),
          );
          expect(item.targets?.keypoints?.items?.length ?? 0).toBe(3 * marked.size);
          const ids = idsOf(item);
          expect(ids.instances?.data).toEqual([...instances]);
          expect(ids.depth?.data).toEqual(depth);
        });
      }),
      { numRuns: 12, seed: 17 },
    );
  });

  test('objects of a mask are drawn again from their runs alone', async () => {
    const instances = new Uint8Array(200).map((_, i) => (i % 20 < 5 ? 3 : i % 20 > 16 ? 9 : 0));
    const own = [
      { box: [0, 0, 5, 10], label: 1, instance: 3, iscrowd: true, score: 0.5 },
      { box: [17, 0, 20, 10], label: 0, instance: 9 },
      { box: [6, 1, 7, 2], label: 0 },
    ] as unknown as BoundingBox[];
    const { dir, files } = await written(
      cocoFormat,
      { ...schema, labels: false, keypoints: false, masks: ['instances'] },
      { train: [[sample('a', { boxes: own, masks: { instances: { png: pngOfIds(instances, 20, 10) } } })]] },
    );
    const file = join(dir, 'annotations-train.json');
    const json = JSON.parse(readFileSync(file, 'utf8'));
    expect(json.categories).toEqual([
      { id: 1, name: 'person' },
      { id: 2, name: 'ball' },
    ]);
    expect(json.annotations).toMatchObject([
      {
        id: 1,
        image_id: 1,
        category_id: 2,
        bbox: [0, 0, 5, 10],
        area: 50,
        iscrowd: 1,
        instance: 3,
        attributes: { score: 0.5 },
      },
      { id: 2, category_id: 1, area: 30, iscrowd: 0, instance: 9, segmentation: { size: [10, 20] } },
      { id: 3, area: 1, instance: 10 },
    ]);
    delete json.images[0].masks;
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, JSON.stringify(json));
    const data = await openCoco(join(dir, 'images', 'train'), file, {
      masks: 'instances',
      crowd: 'keep',
      cache: join(folder, 'cache'),
    });
    const expected = [...instances];
    expected[26] = 255; // the box without an outline
    expect(idsOf(data.item(0)).instances?.data).toEqual(expected);
    const again = await written(
      cocoFormat,
      { ...schema, labels: false, keypoints: false, masks: ['instances'] },
      { train: [[sample('a', { boxes: own, masks: { instances: { png: pngOfIds(instances, 20, 10) } } })]] },
    );
    expect(again.files).toEqual(files);
  });

  test('what it cannot hold is refused by its key, and the writer goes on', async () => {
    expect(cocoFormat.fault?.(base)).toContain('expected boxes');
    const dir = join(folder, 'c');
    const writer = cocoFormat.shard({ dir, split: 'train', index: 0, count: 1 }, schema);
    const box = { box: [1, 1, 3, 3], label: 0, instance: 1 } as BoundingBox;
    const small = pngOfIds(new Uint8Array(4), 2, 2);
    for (const [bad, reason] of [
      [sample('a'), 'it has no label'],
      [sample('a.b', { label: 0 }), 'a key of A-Z a-z 0-9 _ - and /'],
      [sample('../a', { label: 0 }), 'a key of A-Z a-z 0-9 _ - and /'],
      [sample('a', { label: 0, boxes: [{ ...box, label: 2 }] }), 'a label of 0..1 but received 2'],
      [sample('a', { label: 0, boxes: [{ ...box, box: [3, 3, 1, 1] }] }), 'x0 < x1 and y0 < y1'],
      [sample('a', { label: 0, boxes: [{ ...box, box: [Number.NaN, 3, 4, 5] }] }), 'x0 < x1 and y0 < y1'],
      [
        sample('a', { label: 0, boxes: [box], keypoints: [{ x: 1, y: 1, instance: 2 }] }),
        "'a': its keypoint of instance 2 belongs to no box",
      ],
      [
        sample('a', { label: 0, keypoints: [{ x: 1, y: 1 }] }),
        'its keypoint without an instance belongs to no box',
      ],
      [
        sample('a', {
          label: 0,
          boxes: [box],
          keypoints: [
            { x: 1, y: 1, name: 'a' },
            { x: 1, y: 1, name: 'a' },
          ],
        }),
        "have the name 'a'",
      ],
      [
        sample('a', { label: 0, boxes: [box], keypoints: [{ x: 1, y: 1, score: 0.5 } as Keypoint] }),
        "a keypoint of it has the field 'score', which COCO has no place for; remove the field",
      ],
      [
        sample('a', { label: 0, masks: { other: { png: small } } }),
        "its mask 'other' is none of the schema's",
      ],
      [
        sample('a', { label: 0, masks: { instances: { png: small } } }),
        'has 2×2 pixels for an image of 20×10',
      ],
      [
        sample('a', { label: 0, masks: { instances: { png: image } } }),
        'cannot be read: a mask holds one id a pixel',
      ],
    ] as const)
      expect(() => writer.add(bad), reason).toThrow(reason);
    writer.add(
      sample('a', {
        label: 0,
        boxes: [box],
        keypoints: [
          { x: 1, y: 1 },
          { x: -5, y: 1, instance: 8, visible: false },
        ],
      }),
    );
    expect(() => writer.add(sample('a', { label: 0 }))).toThrow('a sample of this key already');
    const files = await writer.finish();
    expect(files.map(({ path }) => path)).toEqual(['annotations/train-000000.jsonl', 'images/train/a.png']);
    await expect(
      cocoFormat.index?.(dir, [{ split: 'train', index: 0, samples: 1, files }], schema, async () =>
        Buffer.from('{'),
      ),
    ).rejects.toThrow('is damaged');
    expect(readdirSync(dir).sort()).toEqual(['annotations', 'images']);
  });

  test('the runs of all instances at once are those of each', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 42, maxLength: 42, max: 3 }), (ids) => {
        const found = runsByInstance(ids, 6, 7);
        for (const id of [1, 2, 3])
          expect(found.has(id) ? [...(found.get(id) as Uint32Array)] : [42]).toEqual([
            ...runsOfId(ids, id, 6, 7),
          ]);
        expect(found.has(0)).toBe(false);
      }),
      { numRuns: 200, seed: 17 },
    );
  });
});
