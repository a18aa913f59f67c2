import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openManifest } from '../../src/io/index.js';
import { scratchFolder } from '../io/make.js';
import { all, told, write } from './make.js';

const folder = scratchFolder();
let count = 0;
const make = (ending: string, text: string | Uint8Array) => {
  const name = `m${count++}.${ending}`;
  write(folder, { [name]: text });
  return join(folder, name);
};
const lines = (...rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const voc = { targets: { boxes: { format: 'voc' } } } as const;

test('CSV: paths, labels by name, splits, ids of repeated images', async () => {
  const text =
    'path,label,split\na/1.jpg,dog,train\r\n"b, 2.jpg","cat",train\na/1.jpg,dog,train\nc.jpg,cow,val\n';
  const data = await openManifest(make('csv', text), { split: 'train' });
  expect(data.classes).toEqual(['cat', 'dog']);
  expect(all(data)).toEqual([
    { id: 'a/1.jpg', image: { kind: 'file', path: join(folder, 'a/1.jpg') }, label: 1 },
    { id: 'b, 2.jpg', image: { kind: 'file', path: join(folder, 'b, 2.jpg') }, label: 0 },
    { id: 'a/1.jpg#4', image: { kind: 'file', path: join(folder, 'a/1.jpg') }, label: 1 },
  ]);
  expect(data.problems).toEqual([]);
  expect((await openManifest(make('csv', text), { split: ['val', 'train'] })).length).toBe(4);
  await expect(openManifest(make('csv', text), { split: 'test' })).rejects.toThrow(
    "there are 'train', 'val'",
  );
});

test('numbers, names that are numbers, distributions', async () => {
  expect((await openManifest(make('csv', 'image,label\na.png,2\n'))).classes).toEqual(['0', '1', '2']);
  const years = await openManifest(make('csv', 'image,label\na.png,1999\nb.png,2001'), {
    classes: ['1999', '2001'],
  });
  expect(all(years).map(({ label }) => label)).toEqual([0, 1]);
  const soft = await openManifest(make('csv', 'image,label\na.png,"[0.25, 0.75]"\n'));
  expect(soft.item(0).label).toEqual(Float32Array.of(0.25, 0.75));
  const json = await openManifest(
    make('jsonl', lines({ image: 'a', label: [1, 0] }, { image: 'b', label: 1 })),
  );
  expect(json.item(1).label).toBe(1);
  await expect(openManifest(make('csv', 'image,label\na,1\nb,x'))).rejects.toThrow(
    'some labels are numbers and some are names',
  );
});

test('boxes, keypoints and masks, in tables and in JSON lines', async () => {
  const boxes = [{ box: [1, 2, 3, 4], label: 'dog', score: 0.5 }, [0, 0, 9, 9, 'cat']];
  const keypoints = [{ x: 1.5, y: 2, name: 'nose', instance: 1, visible: false }];
  const cell = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
  const csv = make(
    'csv',
    `image,boxes,keypoints,mask\na.png,${cell(boxes)},${cell(keypoints)},masks/a.png\nb.png,,,\n`,
  );
  const jsonl = make(
    'jsonl',
    lines({ image: 'a.png', boxes, keypoints, mask: 'masks/a.png' }, { image: 'b.png', boxes: [] }),
  );
  for (const file of [csv, jsonl]) {
    const data = await openManifest(file, voc);
    expect(data.boxClasses).toEqual(['cat', 'dog']);
    expect(data.classes).toEqual(['unlabeled']);
    expect(data.item(0).targets).toEqual({
      masks: { mask: { image: { kind: 'file', path: join(folder, 'masks/a.png') } } },
      boxes: {
        format: 'voc',
        classes: 2,
        items: [
          { box: [1, 2, 3, 4], label: 1, score: 0.5 },
          { box: [0, 0, 9, 9], label: 0 },
        ],
      },
      keypoints: { items: keypoints },
    });
    expect(data.item(1).targets).toMatchObject({ boxes: { items: [] }, keypoints: { items: [] } });
    await expect(openManifest(file)).rejects.toThrow('boxes: expected their format');
    const given = await openManifest(file, { ...voc, boxClasses: ['dog', 'cat', 'cow'] });
    expect(given.item(0).targets?.boxes?.items.map(({ label }) => label)).toEqual([0, 1]);
    await expect(openManifest(file, { ...voc, boxClasses: ['dog'] })).rejects.toThrow(
      "have 'cat', which is not among them",
    );
  }
  const own = make('jsonl', lines({ image: 'a', label: 'x', boxes: [[1, 1, 2, 2, 3]], boxFormat: 'coco' }));
  const data = await openManifest(own);
  expect([data.boxClasses, data.item(0).targets?.boxes?.format]).toEqual([['0', '1', '2', '3'], 'coco']);
});

test('columns, delimiter, root, formats', async () => {
  const file = make('txt', 'f;l;m\nx.png;a;x.mask.png\n');
  const options = {
    format: 'csv',
    delimiter: ';',
    root: join(folder, 'photos'),
    columns: { image: 'f', label: 'l', masks: { parts: 'm' } },
    targets: { masks: { parts: { bits: 16 } } },
  } as const;
  const data = await openManifest(file, options);
  expect(data.item(0).image).toEqual({ kind: 'file', path: join(folder, 'photos/x.png') });
  expect(data.item(0).targets?.masks).toEqual({
    parts: { image: { kind: 'file', path: join(folder, 'photos/x.mask.png') }, bits: 16 },
  });
  expect((await openManifest(make('tsv', `image\tlabel\n${join(folder, 'x.png')}\ta, b\n`))).classes).toEqual(
    ['a, b'],
  );
  await expect(openManifest(file)).rejects.toThrow('ends in .csv, .tsv or .jsonl');
  await expect(openManifest(file, { ...options, columns: { image: 'g' } })).rejects.toThrow(
    "no column 'g'; it has 'f', 'l', 'm'",
  );
  await expect(openManifest(make('csv', 'a,b\n1,2'))).rejects.toThrow(
    "none of the columns image, path, file, file_name, filename but 'a', 'b'",
  );
  await expect(openManifest(make('csv', 'image,b\n1,2'))).rejects.toThrow('no column label or class');
  await expect(openManifest(make('tsv', ''), { delimiter: ';' })).rejects.toThrow('leave it out');
  await expect(openManifest(make('csv', 'image,label\n1,2'), { targets: { boxes: {} } })).rejects.toThrow(
    'the data do not have',
  );
  const bare = await openManifest(make('csv', 'image,b\n1,2'), { labels: false });
  expect(told(bare)).toContain("rows have a column 'b', which is not read (1 in all");
  expect(bare.classes).toEqual(['unlabeled']);
});

describe('rows that are left out', () => {
  test.each([
    ['too many fields', '1.png,a,b', 'it has 3 fields for 2 columns'],
    ['a stray quote', 'x"y,a', 'a quote within a field'],
    ['no image', ',a', 'its image is missing'],
    ['no label', '1.png,', '1.png: it has no label'],
    ['a path above', '../1.png,a', "its image '../1.png' is outside"],
    ['an absolute path', '/etc/passwd,a', "its image '/etc/passwd' is outside"],
    ['a URL', 'ftp://example.com/a.png,a', 'give a path, or a URL of http, https or s3'],
    ['a zero byte', 'a\0b,a', 'a zero byte'],
  ])('CSV: %s', async (_, row, reason) => {
    const data = await openManifest(make('csv', `image,label\n${row}\ngood.png,a\n`));
    expect(told(data)).toContain(reason);
    expect(told(data)).toContain('line 2');
    expect(all(data).map(({ id }) => id)).toEqual(['good.png']);
  });

  test.each([
    ['no JSON', '{"image":', 'it is no JSON'],
    ['a number', '5', 'expected an object but received 5'],
    ['a label that is none', '{"image": "a", "label": {}}', 'its label is {}'],
    ['half a label', '{"image": "a", "label": 0.5}', 'its label is 0.5'],
    ['boxes that are none', '{"image": "a", "label": "a", "boxes": 5}', 'its boxes are 5'],
    [
      'a format that is none',
      '{"image": "a", "label": "a", "boxes": [], "boxFormat": "x"}',
      'its boxFormat is none of',
    ],
    [
      'a box of three',
      '{"image": "a", "label": "a", "boxes": [{"box": [1, 2, 3], "label": 0}]}',
      'boxes are no four numbers',
    ],
    ['an inverted box', '{"image": "a", "label": "a", "boxes": [[5, 5, 1, 1, 0]]}', 'boxes have no area'],
    [
      'a box without a label',
      '{"image": "a", "label": "a", "boxes": [{"box": [1, 2, 3, 4]}]}',
      'neither { box, label } nor five',
    ],
    [
      'a box of label null',
      '{"image": "a", "label": "a", "boxes": [[1, 2, 3, 4, null]]}',
      'neither a name nor a whole number',
    ],
    ['keypoints that are none', '{"image": "a", "label": "a", "keypoints": {}}', 'its keypoints are {}'],
    [
      'a keypoint of text',
      '{"image": "a", "label": "a", "keypoints": [{"x": "1", "y": 2}]}',
      'keypoints are no { x, y',
    ],
    [
      'a flag of COCO',
      '{"image": "a", "label": "a", "keypoints": [{"x": 1, "y": 2, "visible": 2}]}',
      'keypoints are no { x, y',
    ],
    ['a mask above', '{"image": "a", "label": "a", "mask": "../m.png"}', "its mask '../m.png' is outside"],
  ])('JSON lines: %s', async (_, row, reason) => {
    const good = { image: 'good.png', label: 'a', boxes: [[1, 2, 3, 4, 0]], keypoints: [], mask: 'm.png' };
    const data = await openManifest(make('jsonl', `${row}\n\n${JSON.stringify(good)}`), voc);
    expect(told(data)).toContain(reason);
    expect(all(data).at(-1)).toMatchObject({
      id: 'good.png',
      targets: { boxes: { items: [{ box: [1, 2, 3, 4] }] } },
    });
  });

  test.each([
    ['nothing', 'csv', '', 'no usable row'],
    ['a header alone', 'csv', 'image,label\n', 'no usable row'],
    ['a column twice', 'csv', 'image,image\n', "'image' is there twice"],
    ['an endless quote', 'csv', 'image,label\n"a,b\n', 'line 2 begins a quoted field that has no end'],
    ['no UTF-8', 'csv', Buffer.from([0x69, 0xff]), 'is no UTF-8 text'],
    ['only bad rows', 'jsonl', '5\n6\n', 'no usable row in'],
  ])('%s is refused', async (_, ending, text, reason) => {
    await expect(openManifest(make(ending, text))).rejects.toThrow(reason);
  });

  test('a file that is not there', async () => {
    await expect(openManifest(join(folder, 'none.csv'))).rejects.toThrow('there is no file');
    await expect(
      openManifest(
        make('jsonl', lines({ image: 'a', label: 'x' }, { image: 'b', boxes: [[1, 1, 2, 2, 0]] })),
        voc,
      ),
    ).resolves.toMatchObject({ length: 1 });
  });
});
