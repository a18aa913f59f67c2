import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openYolo } from '../../src/io/index.js';
import { scratchFolder } from '../io/make.js';
import { all, idsOf, png, told, write } from './make.js';

const folder = scratchFolder();
let image: Buffer;
let count = 0;
beforeAll(async () => {
  image = await png(20, 10);
});
const make = (files: Record<string, unknown>) => write(join(folder, `y${count++}`), files);
const one = (label: string, files: Record<string, unknown> = {}) =>
  make({
    'data.yaml': 'names: [cat, dog]\n',
    'images/a.png': image,
    'labels/a.txt': label,
    'images/good.png': image,
    'labels/good.txt': '1 0.5 0.5 0.25 0.5\n',
    ...files,
  });

test('boxes, names, splits of data.yaml', async () => {
  const dir = make({
    'data.yaml':
      'path: ../datasets/elsewhere\ntrain: images/train # comment\nval: [images/val]\nnc: 2\nnames:\n  0: cat\n  1: dog\n',
    'images/train/a.png': image,
    'images/train/deep/b.png': image,
    'labels/train/a.txt': '1 0.5 0.5 0.25 0.5\r\n\r\n0 0.25 0.25 0.5 0.5',
    'labels/train/deep/b.txt': '',
    'images/val/c.png': image,
    'labels/val/c.txt': '0 0.5 0.5 1 1\n',
    'images/train/notes.md': 'x',
  });
  const train = await openYolo(dir, { split: 'train' });
  expect(train.boxClasses).toEqual(['cat', 'dog']);
  expect(all(train).map(({ id }) => id)).toEqual(['images/train/a.png', 'images/train/deep/b.png']);
  expect(train.item(0).targets?.boxes).toEqual({
    format: 'yolo',
    classes: 2,
    items: [
      { box: [0.5, 0.5, 0.25, 0.5], label: 1, instance: 1 },
      { box: [0.25, 0.25, 0.5, 0.5], label: 0, instance: 2 },
    ],
  });
  expect(train.item(1).targets?.boxes?.items).toEqual([]);
  expect(told(train)).toContain('1 file is passed over');
  expect(all(await openYolo(join(dir, 'data.yaml'), { split: 'val' })).map(({ id }) => id)).toEqual([
    'images/val/c.png',
  ]);
  expect((await openYolo(dir)).length).toBe(3);
  await expect(openYolo(dir, { split: 'test' })).rejects.toThrow("there are 'train', 'val'");
  await expect(openYolo(dir, { split: '..' })).rejects.toThrow('expected a split');
});

test('the layouts of Roboflow, of darknet and of lists', async () => {
  const roboflow = make({
    'data.yaml': 'train: ../train/images\nval: ../valid/images\nnc: 1\nnames: ["a"]\n',
    'train/images/a.png': image,
    'train/labels/a.txt': '0 0.5 0.5 0.1 0.1',
    'valid/images/b.png': image,
    'valid/labels/b.txt': '0 0.5 0.5 0.1 0.1',
  });
  expect(all(await openYolo(roboflow, { split: 'train' })).map(({ id }) => id)).toEqual([
    'train/images/a.png',
  ]);
  expect((await openYolo(roboflow)).length).toBe(2);
  const darknet = make({ 'a.png': image, 'a.txt': '3 0.5 0.5 0.1 0.1' });
  expect((await openYolo(darknet)).boxClasses).toEqual(['0', '1', '2', '3']);
  expect((await openYolo(darknet, { boxClasses: ['a', 'b', 'c', 'd', 'e'] })).boxClasses?.length).toBe(5);
  await expect(openYolo(darknet, { boxClasses: ['a'] })).rejects.toThrow(
    'class numbers in 0..0 but received 3',
  );
  const named = make({ 'images/a.png': image, 'labels/a.txt': '1 0.5 0.5 0.1 0.1', 'classes.txt': 'x\ny\n' });
  const given = await openYolo(named, { boxClasses: ['y', 'x'] });
  expect(given.item(0).targets?.boxes?.items[0]?.label).toBe(0);
  const listed = one('', {
    'data.yaml': 'train: train.txt\nnames: [cat, dog]',
    'train.txt': './images/good.png\n/etc/passwd\nimages/../../x.png\nimages/none.png\n\n',
  });
  const data = await openYolo(listed, { split: 'train' });
  expect(all(data).map(({ id }) => id)).toEqual(['images/good.png']);
  expect(told(data)).toContain('/etc/passwd: its file name is absolute: see train.txt');
  expect(told(data)).toContain("leaves the folder ('..')");
  expect(told(data)).toContain('there is no such file');
});

describe('polygons and poses', () => {
  test('a polygon gives its box, and a mask where it is asked for', async () => {
    const dir = one('0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8\n1 0.9 0.9 0.1 0.1\n');
    const data = await openYolo(dir, { masks: ['classes', 'instances'], cache: join(folder, 'cache') });
    const boxes = data.item(0).targets?.boxes?.items ?? [];
    expect(boxes[0]?.box.map((n) => Math.round(1e6 * n) / 1e6)).toEqual([0.3, 0.5, 0.4, 0.6]);
    const { classes, instances } = idsOf(data.item(0));
    const rows = Array.from({ length: 10 }, (_, y) => classes?.data.slice(20 * y, 20 * y + 20).join(''));
    expect(rows[1]).toBe('0'.repeat(20));
    expect(rows[2]).toBe('00111111110000000000');
    expect(rows[7]).toBe('00111111110000000000');
    expect(rows[8]).toBe(`${'0'.repeat(17)}2552550`);
    expect(instances?.data[45]).toBe(1);
    expect(told(data)).toContain('objects have a box but no outline');
    expect(told(await openYolo(dir))).toContain('lines are polygons, of which the boxes are read');
  });

  test('keypoints in pixels, with visibility and pairs', async () => {
    const yaml = 'names: [cat, dog]\nkpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\n';
    const dir = one('0 0.5 0.5 0.5 0.5 0.1 0.1 2 0 0 0 0.5 0.5 1\n', { 'data.yaml': yaml });
    const data = await openYolo(dir);
    expect(data.item(0).targets?.keypoints).toEqual({
      items: [
        { x: 2, y: 1, name: '0', instance: 1 },
        { x: 0, y: 0, name: '1', instance: 1, visible: false },
        { x: 10, y: 5, name: '2', instance: 1, occluded: true },
      ],
      swap: [['1', '2']],
    });
    expect(data.item(1).targets?.keypoints?.items).toEqual([]);
    expect((await openYolo(dir, { keypoints: false })).item(0).targets?.keypoints).toBeUndefined();
    const flat = one('0 0.5 0.5 0.5 0.5 0.1 0.1 -1 -1', {
      'data.yaml': 'names: [cat, dog]\nkpt_shape: [2, 2]',
    });
    expect((await openYolo(flat)).item(0).targets?.keypoints?.items.map(({ visible }) => visible)).toEqual([
      undefined,
      false,
    ]);
  });
});

test.each([
  ['text', 'cat 0.5 0.5 0.1 0.1', 'lines hold what is no number'],
  ['NaN', '0 NaN 0.5 0.1 0.1', 'lines hold what is no number'],
  ['a number beyond all', '0 1e999 0.5 0.1 0.1', 'numbers that are not finite'],
  ['a class of one half', '0.5 0.5 0.5 0.1 0.1', 'a class that is no whole number'],
  ['a negative class', '-1 0.5 0.5 0.1 0.1', 'a class that is no whole number'],
  ['a class beyond', '2 0.5 0.5 0.1 0.1', 'a class beyond the 2 there are'],
  ['a prediction', '0 0.5 0.5 0.1 0.1 0.9', 'predictions with a confidence'],
  ['three numbers', '0 0.5 0.5', 'neither 5 numbers'],
  ['half a pair', '0 0.1 0.1 0.2 0.2 0.3 0.3 0.4', 'neither 5 numbers'],
  ['a box without area', '0 0.5 0.5 0 0.1', 'boxes have no area'],
  ['an inverted box', '0 0.5 0.5 -0.1 0.1', 'boxes have no area'],
  ['pixels', '0 10 5 4 4', 'boxes lie outside their images'],
  ['a box beyond', '0 0.9 0.5 0.4 0.1', 'boxes reach beyond their images and are cut'],
  ['no UTF-8', Buffer.from([0xff, 0xfe, 0x30]), 'its annotation is no UTF-8 text'],
])('%s is told, and nothing else is lost', async (_, label, reason) => {
  const data = await openYolo(one(label as string));
  expect(told(data)).toContain(reason);
  const good = all(data).find(({ id }) => id === 'images/good.png');
  expect(good?.targets?.boxes?.items).toEqual([{ box: [0.5, 0.5, 0.25, 0.5], label: 1, instance: 1 }]);
});

test('a missing label file is an image without objects, and told', async () => {
  const data = await openYolo(one('', { 'images/bare.png': image }));
  expect(all(data).map(({ targets }) => targets?.boxes?.items.length)).toEqual([0, 0, 1]);
  expect(told(data)).toContain(
    'images have no label file and count as without objects; add empty ones if that is so (1 in all',
  );
});

test.each([
  ['names that are text', 'names: cat', 'expected a list or numbered names'],
  ['names with a gap', 'names: {0: a, 2: b}', 'expected a name for class 1'],
  ['names given twice', 'names: [a, a]', "'a' is there twice"],
  ['another count', 'names: [a]\nnc: 2', "nc is '2', but there are 1 names"],
  ['YAML that is not read', 'names: &x [a]', 'begins a value with &'],
  ['a list', '- a', 'expected fields such as names'],
  ['a shape that is none', 'names: [a]\nkpt_shape: [0, 5]', 'expected kpt_shape: [COUNT, 2 or 3]'],
  [
    'pairs that do not pair',
    'names: [a]\nkpt_shape: [2, 3]\nflip_idx: [1, 1]',
    'expected flip_idx to pair 2 keypoints',
  ],
  ['a split elsewhere', 'names: [a]\ntrain: /etc', "there is no '/etc' in"],
  ['a split above', 'names: [a]\ntrain: ../..', "there is no '../..' in"],
])('data.yaml: %s is refused', async (_, yaml, reason) => {
  await expect(openYolo(one('', { 'data.yaml': yaml }), { split: 'train' })).rejects.toThrow(reason);
});

test('nothing there', async () => {
  await expect(openYolo(join(folder, 'none'))).rejects.toThrow('there is no folder');
  await expect(openYolo(make({ 'images/x.md': '' }))).rejects.toThrow('no image in');
  await expect(openYolo(one(''), { targets: { keypoints: {} } })).rejects.toThrow(
    'targets that the data do not have',
  );
});
