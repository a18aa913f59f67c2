/** Readers that are given the names of all classes: what their data call them is matched by name. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCifar, openShapes10, SHAPES } from '../../src/datasets/index.js';
import { type OpenedDataset, openImageFolder, openWebdataset } from '../../src/io/index.js';
import { samples } from '../../src/stream/index.js';
import { image, scratchFolder, tarOf } from './make.js';

const scratch = scratchFolder();
let made = 0;
const folder = () => join(scratch, String(made++));
const jpeg = await image(8, 8).jpeg().toBuffer();

/** Class folders with so many images each. */
function classFolders(counts: Readonly<Record<string, number>>): string {
  const root = folder();
  for (const [name, count] of Object.entries(counts)) {
    mkdirSync(join(root, name), { recursive: true });
    for (let i = 0; i < count; i++) writeFileSync(join(root, name, `${i}.jpg`), jpeg);
  }
  return root;
}

const labeled = (data: OpenedDataset): string[] =>
  Array.from({ length: data.length }, (_, i) => {
    const { id, label } = data.item(i);
    return `${id} ${data.classes[label as number]}`;
  });

describe('row 5: imageFolder with classes', () => {
  test('row 5: a folder without one class has the numbers of the list, in the order of its folders', async () => {
    const root = classFolders({ ant: 1, cat: 2 });
    const data = await openImageFolder(root, { classes: ['zebra', 'cat', 'bee', 'ant'] });
    expect(data.classes).toEqual(['zebra', 'cat', 'bee', 'ant']);
    expect(labeled(data)).toEqual(['ant/0.jpg ant', 'cat/0.jpg cat', 'cat/1.jpg cat']);
    expect(data.problems).toEqual([
      {
        where: root,
        reason: "it has no image of 2 of its 4 classes: 'zebra', 'bee'; add some if it should",
        passed: 0,
      },
    ]);
  });

  test('row 5: an empty class folder is allowed, and reported', async () => {
    const root = classFolders({ ant: 1, bee: 0 });
    await expect(openImageFolder(root)).rejects.toThrow(
      `imageFolder: class folder '${join(root, 'bee')}' holds no image; add some, remove it, or give the names of all classes as classes, which may have none`,
    );
    const data = await openImageFolder(root, { classes: ['ant', 'bee'] });
    expect(labeled(data)).toEqual(['ant/0.jpg ant']);
    expect(data.problems).toMatchObject([{ where: root, reason: expect.stringContaining("classes: 'bee'") }]);
    const empty = classFolders({ ant: 0, bee: 0 });
    await expect(openImageFolder(empty, { classes: ['ant', 'bee'] })).rejects.toThrow(
      `imageFolder: the class folders of '${empty}' hold no image; check the path`,
    );
  });

  test('row 5: a folder that the list does not name is refused by name', async () => {
    const root = classFolders({ ant: 1, bee: 1, wolf: 1, yak: 1 });
    await expect(openImageFolder(root, { classes: ['ant', 'bee', 'cat'] })).rejects.toThrow(
      `imageFolder: expected the classes of '${root}' to be among classes but 'wolf', 'yak' are not; add them to classes, or remove them`,
    );
  });

  test('row 5: classes may be a file of names; a name given twice, or none, is refused', async () => {
    const root = classFolders({ ant: 1 });
    const list = join(scratch, 'names.txt');
    writeFileSync(list, 'bee\nant\n\n');
    const data = await openImageFolder(root, { classes: list });
    expect([data.classes, data.item(0).label]).toEqual([['bee', 'ant'], 1]);
    await expect(openImageFolder(root, { classes: ['ant', 'ant'] })).rejects.toThrow(
      "classes names 'ant' twice",
    );
    await expect(openImageFolder(root, { classes: [] })).rejects.toThrow('imageFolder: classes');
  });
});

describe('row 5: webdataset with classes', () => {
  /** A shard of these labels, with the names of its classes beside it or without. */
  function shard(labels: readonly string[], names?: readonly string[]): string {
    const root = folder();
    mkdirSync(root);
    const path = join(root, 'a.tar');
    const entries = labels.flatMap((label, i) => [
      { name: `${i}.jpg`, data: jpeg },
      { name: `${i}.${label.startsWith('{') ? 'json' : 'cls'}`, data: label },
    ]);
    writeFileSync(path, tarOf(entries));
    if (names) writeFileSync(join(root, 'classes.txt'), names.join('\n'));
    return path;
  }
  const open = (path: string, classes?: string[]) => openWebdataset(path, { classes, cache: false });
  const namesOf = (data: OpenedDataset) => labeled(data).map((text) => text.split(' ')[1]);

  test('row 5: numbers go by classes.txt, and its names by the list', async () => {
    const data = await open(shard(['0', '1', '1'], ['ant', 'bee']), ['zebra', 'bee', 'ant']);
    expect(data.classes).toEqual(['zebra', 'bee', 'ant']);
    expect(namesOf(data)).toEqual(['ant', 'bee', 'bee']);
    const soft = await open(shard(['{"label": [0.25, 0.75]}'], ['ant', 'bee']), ['zebra', 'bee', 'ant']);
    expect(soft.item(0).label).toEqual(Float32Array.of(0, 0.75, 0.25));
  });

  test('row 5: a class of classes.txt that the list does not name is refused', async () => {
    const path = shard(['0'], ['ant', 'wolf']);
    await expect(open(path, ['ant', 'bee'])).rejects.toThrow(
      /^webdataset: expected the classes of .*classes\.txt to be among classes but 'wolf' is not; add it to classes, or remove it$/,
    );
  });

  test('row 5: without classes.txt numbers are those of the list, and names are matched to it', async () => {
    expect(namesOf(await open(shard(['2', '0']), ['ant', 'bee', 'cat']))).toEqual(['cat', 'ant']);
    expect(namesOf(await open(shard(['bee', 'ant']), ['cat', 'bee', 'ant']))).toEqual(['bee', 'ant']);
  });
});

test('row 5: cifar with classes matches the names of its meta file, and needs it', async () => {
  const dir = folder();
  mkdirSync(dir);
  const names = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
  const records = [3, 0, 9].flatMap((label) => [Buffer.from([label]), Buffer.alloc(3072)]);
  writeFileSync(join(dir, 'test_batch.bin'), Buffer.concat(records));
  const classes = ['unicorn', ...[...names].reverse()];
  const open = (list: string[]) => openCifar(dir, { split: 'test', classes: list });
  await expect(open(classes)).rejects.toThrow(
    /^cifar: classes: expected .*batches\.meta\.txt, whose names are matched to classes, but it does not exist/,
  );
  writeFileSync(join(dir, 'batches.meta.txt'), names.join('\n'));
  const data = await open(classes);
  expect(labeled(data).map((text) => text.split(' ')[1])).toEqual(['cat', 'airplane', 'truck']);
  await expect(open(names.slice(1))).rejects.toThrow("among classes but 'airplane' is not; add it");
});

test('row 5: shapes10 with classes', async () => {
  const options = { dir: join(scratch, 'shapes'), count: 10, size: 16 };
  const classes = ['blob', ...[...SHAPES].reverse()];
  const data = await openShapes10({ ...options, classes });
  expect(data.classes).toEqual(classes);
  expect(labeled(data).map((text) => text.split(' ')[1])).toEqual([...SHAPES]);
  expect((await openShapes10(options)).classes).toEqual([...SHAPES]);
  await expect(openShapes10({ ...options, classes: SHAPES.slice(1) })).rejects.toThrow(
    "shapes10: expected the classes of shapes10 to be among classes but 'circle' is not; add it to classes, or remove it",
  );
});

test('row 5: perClass says what to do about a class without images', async () => {
  const root = classFolders({ ant: 2 });
  const source = samples(() => openImageFolder(root, { classes: ['ant', 'bee'] }), { perClass: 1 });
  const failed = await new Promise<Error>((resolve) => source.subscribe({ error: resolve }));
  expect(failed.message).toMatch(
    /of class 'bee' but \d+ has 0; lower perClass, or leave classes without images out of classes$/,
  );
});
