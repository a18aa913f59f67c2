import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCoco } from '../../src/io/index.js';
import { picture, scratchFolder } from '../io/make.js';
import { all, idsOf, png, told, write } from './make.js';

const folder = scratchFolder();
const cache = join(folder, 'cache');
const images = join(folder, 'images');
let count = 0;
const fileOf = (content: unknown) => {
  const name = `a${count++}.json`;
  write(folder, { [name]: content });
  return join(folder, name);
};
const CATEGORIES = [
  { id: 18, name: 'dog', supercategory: 'animal' },
  { id: 1, name: 'person', keypoints: ['nose', 'left_eye', 'right_eye'], skeleton: [[1, 2]] },
];
const IMAGES = [
  { id: 7, file_name: 'a.png', width: 6, height: 4 },
  { id: 900_000, file_name: 'b/c.png', width: 5, height: 5 },
];
const base = (annotations: unknown[], rest: object = {}) => ({
  info: { year: 2017 },
  images: IMAGES,
  annotations,
  categories: CATEGORIES,
  ...rest,
});
const object = (rest: object) => ({
  id: 1,
  image_id: 7,
  category_id: 1,
  bbox: [1, 1, 2, 2],
  iscrowd: 0,
  area: 4,
  ...rest,
});

beforeAll(async () => {
  write(images, { 'a.png': await png(6, 4), 'b/c.png': await png(5, 5) });
});

test('images, sparse categories in the order of their ids, boxes, images without objects', async () => {
  const file = fileOf(
    base([
      object({}),
      object({ id: 2, category_id: 18, bbox: [0.5, 0.25, 5.5, 3.75] }),
      object({ image_id: 900_000 }),
    ]),
  );
  const data = await openCoco(images, file);
  expect(data.boxClasses).toEqual(['person', 'dog']);
  expect(data.classes).toEqual(['unlabeled']);
  expect(data.problems).toEqual([]);
  expect(all(data).map(({ id, label, image }) => [id, label, image])).toEqual([
    ['a.png', 0, { kind: 'file', path: join(images, 'a.png') }],
    ['b/c.png', 0, { kind: 'file', path: join(images, 'b/c.png') }],
  ]);
  expect(data.item(0).targets?.boxes).toEqual({
    format: 'coco',
    classes: 2,
    items: [
      { box: [1, 1, 2, 2], label: 0, instance: 1 },
      { box: [0.5, 0.25, 5.5, 3.75], label: 1, instance: 2 },
    ],
  });
  const bare = await openCoco(images, fileOf(base([])));
  expect(bare.item(1).targets?.boxes?.items).toEqual([]);
  expect(() => data.item(2)).toThrow('there is no item 2 among 2');
});

test('lists in any order, spaces and a byte order mark do not matter', async () => {
  const { images: list, annotations, categories } = base([object({}), object({ bbox: [0, 0, 1, 1] })]);
  const text = JSON.stringify({ annotations, categories, images: list, licenses: [[1, '"]}']] }, null, 3);
  const data = await openCoco(images, fileOf(`\ufeff\n${text}\n\n`));
  expect(data.item(0).targets?.boxes?.items.map(({ box }) => box)).toEqual([
    [1, 1, 2, 2],
    [0, 0, 1, 1],
  ]);
});

test('keypoints: names, half a pixel, absent, hidden, pairs that a mirror swaps', async () => {
  const file = fileOf(
    base([object({ keypoints: [2, 1, 2, 0, 0, 0, 4, 3, 1], num_keypoints: 2 }), object({ category_id: 18 })]),
  );
  const data = await openCoco(images, file);
  expect(data.item(0).targets?.keypoints).toEqual({
    items: [
      { x: 2.5, y: 1.5, name: 'nose', instance: 1 },
      { x: 0, y: 0, name: 'left_eye', instance: 1, visible: false },
      { x: 4.5, y: 3.5, name: 'right_eye', instance: 1, occluded: true },
    ],
    swap: [['left_eye', 'right_eye']],
  });
  expect(data.item(1).targets?.keypoints?.items).toEqual([]);
  const plain = await openCoco(images, file, { keypoints: false });
  expect(plain.item(0).targets?.keypoints).toBeUndefined();
  const own = await openCoco(images, file, { keypointOffset: 0, targets: { keypoints: { swap: [] } } });
  expect(own.item(0).targets?.keypoints?.swap).toEqual([]);
  expect(own.item(0).targets?.keypoints?.items[0]?.x).toBe(2);
});

describe('masks', () => {
  const polygon = [[1, 1, 4, 1, 4, 3, 1, 3]];
  const small = { size: [4, 6], counts: [5, 2, 17] };
  const text = { size: [4, 6], counts: '52a0' };
  test('polygons and runs are drawn, small objects on top, crowds ignored', async () => {
    const crowd = { size: [4, 6], counts: [20, 4] };
    const file = fileOf(
      base([
        object({ segmentation: small, category_id: 18 }),
        object({ segmentation: polygon }),
        object({ segmentation: crowd, iscrowd: 1 }),
        object({ bbox: [0, 3, 1, 1] }),
      ]),
    );
    const data = await openCoco(images, file, { masks: ['classes', 'instances'], cache });
    const { classes, instances } = idsOf(data.item(0));
    expect(classes?.data).toEqual(
      [
        [0, 0, 0, 0, 0, 255],
        [0, 2, 1, 1, 0, 255],
        [0, 2, 1, 1, 0, 255],
        [255, 0, 0, 0, 0, 255],
      ].flat(),
    );
    expect(instances?.data.filter((id) => id > 0 && id < 255)).toEqual([1, 2, 2, 1, 2, 2]);
    expect(data.item(0).targets?.masks).toMatchObject({
      classes: { bits: 8, ignore: 255, classes: 3 },
      instances: { bits: 8, ignore: 255, instances: true },
    });
    expect(data.item(0).targets?.boxes?.items.map(({ instance }) => instance)).toEqual([1, 2, 4]);
    expect(idsOf(data.item(1)).classes?.data).toEqual(new Array(25).fill(0));
    expect(told(data)).toContain(
      "crowds have no box, and are the ignore of masks, as crowd: 'ignore' says (1 in all",
    );
    expect(told(data)).toContain(
      'objects have a box but no outline; their boxes are the ignore of masks (1 in all',
    );
  });

  test('they are made once, and again when the file, its cache or an option changes', async () => {
    const place = join(folder, 'once');
    const file = fileOf(base([object({ segmentation: small })]));
    const made = () => readdirSync(place).filter((name) => name.endsWith('.bin'));
    const first = await openCoco(images, file, { masks: 'classes', cache: place });
    expect(made().length).toBe(1);
    const path = join(place, made()[0] as string);
    const bytes = readFileSync(path);
    const again = await openCoco(images, file, { masks: 'classes', cache: place });
    expect(again.item(0)).toEqual(first.item(0));
    expect(again.problems).toEqual(first.problems);
    truncateSync(path, 10);
    await openCoco(images, file, { masks: 'classes', cache: place });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    rmSync(path);
    await openCoco(images, file, { masks: 'classes', cache: place });
    expect(made().length).toBe(1);
    await openCoco(images, file, { masks: 'instances', cache: place });
    expect(made().length).toBe(2);
    // A changed file has masks of its own, which take the place of the old ones.
    write(folder, {
      [basename(file)]: base([object({ segmentation: small }), object({ bbox: [0, 0, 1, 1] })]),
    });
    const changed = await openCoco(images, file, { masks: 'classes', cache: place });
    expect(made().length).toBe(2);
    expect(idsOf(changed.item(0)).classes?.data[0]).toBe(255);
    expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('crowd: drop and keep', async () => {
    const file = fileOf(base([object({ segmentation: text, iscrowd: 1 }), object({ bbox: [0, 0, 3, 3] })]));
    const dropped = await openCoco(images, file, { crowd: 'drop', masks: 'instances', cache });
    expect(dropped.item(0).targets?.boxes?.items).toEqual([{ box: [0, 0, 3, 3], label: 0, instance: 1 }]);
    expect(idsOf(dropped.item(0)).instances?.data.filter((id) => id === 255).length).toBe(9);
    expect(told(dropped)).toContain("crowds are left out, as crowd: 'drop' says (1 in all");
    const kept = await openCoco(images, file, { crowd: 'keep' });
    expect(kept.item(0).targets?.boxes?.items[0]).toMatchObject({ iscrowd: true, instance: 1 });
  });

  test('more than 254 objects take 16 bits', async () => {
    const many = Array.from({ length: 300 }, (_, i) =>
      object({ id: i, segmentation: { size: [4, 6], counts: i === 299 ? [23, 1] : [0, 24] } }),
    );
    const data = await openCoco(images, fileOf(base(many)), { masks: 'instances', cache });
    expect(data.item(0).targets?.masks).toMatchObject({ instances: { bits: 16, ignore: 65_535 } });
    expect(idsOf(data.item(0)).instances?.data.at(-1)).toBe(300);
  });

  test('without the option segmentations are counted', async () => {
    const data = await openCoco(images, fileOf(base([object({ segmentation: polygon })])));
    expect(told(data)).toContain('annotations have segmentations, which are not read');
    expect(data.problems[0]?.passed).toBe(0);
  });

  test('a segmentation that cannot be drawn counts as none and is told', async () => {
    const file = fileOf(
      base([object({ segmentation: [[1, 2]] }), object({ segmentation: { size: [9, 9], counts: 'x' } })]),
    );
    const data = await openCoco(images, file, { masks: 'classes', cache });
    expect(told(data)).toContain('whose polygons are no lists of three corners or more');
    expect(told(data)).toContain('of another size than the image');
    expect(idsOf(data.item(0)).classes?.data.filter((id) => id === 255).length).toBe(4);
  });
});

test.each([
  [
    'an image of another size',
    { images: [{ ...IMAGES[0], width: 60 }, IMAGES[1]] },
    [],
    'are for 60×4, but it has 6×4',
  ],
  [
    'a missing image',
    { images: [{ id: 7, file_name: 'gone.png', width: 6, height: 4 }, IMAGES[1]] },
    [],
    'there is no file',
  ],
  ['an absolute name', { images: [{ id: 7, file_name: '/etc/passwd' }, IMAGES[1]] }, [], 'absolute'],
  [
    'a name that leaves the folder',
    { images: [{ id: 7, file_name: 'b/../../x.png' }, IMAGES[1]] },
    [],
    "leaves the folder ('..')",
  ],
  ['no name', { images: [{ id: 7 }, IMAGES[1]] }, [], 'it names no file'],
  ['an id given twice', { images: [{ ...IMAGES[0], id: 900_000 }, IMAGES[1]] }, [], "that of 'a.png' too"],
  ['a file listed twice', { images: [IMAGES[0], IMAGES[1], { ...IMAGES[0], id: 8 }] }, [], 'listed twice'],
  [
    'a size that is none',
    { images: [{ ...IMAGES[0], width: -6 }, IMAGES[1]] },
    [],
    'whole numbers of pixels',
  ],
  ['an annotation of no image', {}, [object({ image_id: 5 })], 'annotations are of no image'],
  ['an annotation of no category', {}, [object({ category_id: 5 })], 'annotations are of no category'],
  ['an annotation that is a number', {}, [5], 'annotations are no JSON objects'],
  ['a box without area', {}, [object({ bbox: [1, 1, 0, 2] })], 'boxes have no area, or are inverted'],
  ['an inverted box', {}, [object({ bbox: [3, 3, -2, 2] })], 'boxes have no area, or are inverted'],
  ['a box outside', {}, [object({ bbox: [7, 1, 2, 2] })], 'boxes lie outside their images'],
  ['a box of three', {}, [object({ bbox: [1, 1, 2] })], 'boxes are no four numbers'],
  ['a box of text', {}, [object({ bbox: ['1', 1, 2, 2] })], 'boxes are no four numbers'],
  ['a crowd of two', {}, [object({ iscrowd: 2 })], 'iscrowd other than 0 and 1'],
  ['keypoints of two numbers', {}, [object({ keypoints: [1, 2] })], 'keypoints are no list'],
  ['keypoints of visibility 3', {}, [object({ keypoints: [1, 2, 3] })], 'keypoints are no list'],
  ['a field nobody knows', {}, [object({ score: 0.5 })], "field 'score', which is not read"],
])('%s is told, and nothing else is lost', async (_, rest, annotations, reason) => {
  const good = object({ image_id: 900_000, bbox: [0, 1, 2, 3] });
  const data = await openCoco(images, fileOf(base([...annotations, good], rest)));
  expect(told(data)).toContain(reason);
  const kept = all(data).find(({ id }) => id === 'b/c.png' || id === 'a.png');
  expect(kept).toBeDefined();
  expect(all(data).flatMap(({ targets }) => targets?.boxes?.items ?? [])).toContainEqual({
    box: [0, 1, 2, 3],
    label: 0,
    instance: 1,
  });
});

test('a box that reaches beyond its image is cut to it, and counted', async () => {
  const data = await openCoco(images, fileOf(base([object({ bbox: [4, 2, 10, 10] })])));
  expect(data.item(0).targets?.boxes?.items[0]?.box).toEqual([4, 2, 2, 2]);
  expect(told(data)).toContain('boxes reach beyond their images and are cut to them; correct them (1 in all');
});

test('an image that EXIF turns after it was annotated is left out by name', async () => {
  const turned = await sharp(picture(6, 4), { raw: { width: 6, height: 4, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  write(images, { 'turned.jpg': turned });
  const list = [IMAGES[1], { id: 3, file_name: 'turned.jpg', width: 6, height: 4 }];
  const data = await openCoco(images, fileOf(base([], { images: list })));
  expect(data.length).toBe(1);
  expect(told(data)).toContain('its EXIF orientation turns it to 4×6');
});

test('NaN is no JSON: the annotation is left out, the file is read', async () => {
  const text = JSON.stringify(base([object({ area: 'NAN' }), object({ bbox: [0, 0, 2, 2] })])).replace(
    '"NAN"',
    'NaN',
  );
  const data = await openCoco(images, fileOf(text));
  expect(data.item(0).targets?.boxes?.items.map(({ box }) => box)).toEqual([[0, 0, 2, 2]]);
  expect(told(data)).toContain('NaN is no JSON');
});

test.each([
  ['an empty file', '', 'it ends too early'],
  ['text', 'hello', "expected { but found 'h'"],
  ['a list', '[{"image_id": 1}]', 'it is a list, as of detections'],
  ['half a file', JSON.stringify(base([object({})])).slice(0, -40), 'it ends too early'],
  ['images that are no list', '{"images": {}}', "expected 'images' to be a list"],
  ['a list given twice', '{"images": [], "images": []}', "'images' is there twice"],
  ['a missing comma', '{"images": [{} {}]}', 'expected , or ]'],
  ['something behind its end', `${JSON.stringify(base([]))}x`, "expected its end but found 'x'"],
  ['other JSON', '{"a": 1}', 'expected images, annotations and categories'],
  ['no category', '{"images": [{"id": 1, "file_name": "a.png"}]}', 'has no category'],
  [
    'a category id twice',
    JSON.stringify(base([], { categories: [...CATEGORIES, { id: 1, name: 'x' }] })),
    'id 1 is given twice',
  ],
  [
    'a category name twice',
    JSON.stringify(base([], { categories: [...CATEGORIES, { id: 2, name: 'dog' }] })),
    "names 'dog' twice",
  ],
  ['no image', JSON.stringify(base([], { images: [] })), 'no usable image'],
  ['endless nesting', `{"images": ${'['.repeat(100_000)}`, 'nests more than'],
])('%s is refused in one sentence', async (_, text, reason) => {
  await expect(openCoco(images, fileOf(text))).rejects.toThrow(reason);
});

test('options that do not fit are refused', async () => {
  const file = fileOf(base([]));
  await expect(openCoco(images, join(folder, 'none.json'))).rejects.toThrow('there is no file');
  await expect(openCoco(images, file, { boxClasses: ['dog'] })).rejects.toThrow("'person' is not");
  await expect(openCoco(images, file, { targets: { boxes: { format: 'voc' } } })).rejects.toThrow(
    "the format 'coco'",
  );
  await expect(openCoco(images, file, { targets: { mask: { bits: 16 } } })).rejects.toThrow(
    'targets that the data do not have',
  );
  const data = await openCoco(images, file, { boxClasses: ['cat', 'dog', 'person'] });
  expect(data.boxClasses).toEqual(['cat', 'dog', 'person']);
});
