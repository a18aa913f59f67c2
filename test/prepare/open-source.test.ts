/** A path, and the data set that it names. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mdsFormat } from '../../src/io/write/mds.js';
import { rawFormat } from '../../src/io/write/raw.js';
import { openSource } from '../../src/prepare/index.js';
import { image, scratchFolder, tarOf } from '../io/make.js';
import { example, record } from '../io/tfrecord/make-records.js';
import { birds, place, SCHEMA } from '../io/write/samples.js';

const root = scratchFolder();
const jpeg = await image().jpeg().toBuffer();
function files(folder: string, ...names: string[]): string {
  for (const name of names) {
    mkdirSync(join(root, folder, name, '..'), { recursive: true });
    writeFileSync(join(root, folder, name), /jpg$/.test(name) ? jpeg : 'x');
  }
  return join(root, folder);
}
const ids = async (path: string, labels?: boolean) => {
  const data = await openSource(path, labels === undefined ? {} : { labels });
  return Array.from(
    { length: data.length },
    (_, i) => `${data.item(i).id} ${data.classes[data.item(i).label as number]}`,
  );
};

describe('openSource', () => {
  it('class folders, whose classes may be left aside', async () => {
    const path = files('classes', 'cat/1.jpg', 'dog/2.jpg', 'loose.jpg');
    expect(await ids(path)).toEqual(['cat/1.jpg cat', 'dog/2.jpg dog']);
    expect((await openSource(path)).problems[0]?.reason).toContain('1 images outside class folders');
    expect(await ids(path, false)).toEqual([
      'cat/1.jpg unlabeled',
      'dog/2.jpg unlabeled',
      'loose.jpg unlabeled',
    ]);
  });

  it('a folder of images, with what is none counted', async () => {
    const path = files('plain', '10.jpg', '9.jpg', 'notes.txt');
    expect(await ids(path)).toEqual(['9.jpg unlabeled', '10.jpg unlabeled']);
    expect((await openSource(path)).problems).toMatchObject([{ passed: 1 }]);
  });

  it('tar shards by a pattern, and in a folder', async () => {
    const path = files('shards', 'about.txt');
    const tar = tarOf([
      { name: 'a.jpg', data: jpeg },
      { name: 'a.cls', data: '1' },
    ]);
    for (const n of [0, 1]) writeFileSync(join(path, `train-${n}.tar`), tar);
    const expected = ['train-0.tar/a.jpg 1', 'train-1.tar/a.jpg 1'];
    expect(await ids(path)).toEqual(expected);
    expect(await ids(join(path, 'train-{0..1}.tar'))).toEqual(expected);
    expect(await ids(join(path, 'train-0.tar'), false)).toEqual(['train-0.tar/a.jpg unlabeled']);
  });

  it('what rxaug prepare wrote: its shards, and not the pictures beside them', async () => {
    const path = files('prepared', 'refused.jsonl');
    const manifest = { rxaug: 'dataset', splits: { train: {} }, files: [{ path: 'examples-train.png' }] };
    writeFileSync(join(path, 'examples-train.png'), await image().png().toBuffer());
    const tar = tarOf([
      { name: 'a.jpg', data: jpeg },
      { name: 'a.cls', data: '1' },
    ]);
    writeFileSync(join(path, 'train-0.tar'), tar);
    writeFileSync(join(path, 'manifest.json'), '{ "of": "somebody else" }');
    expect(await ids(path)).toEqual(['examples-train.png unlabeled']);
    writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
    expect(await ids(path)).toEqual(['train-0.tar/a.jpg 1']);
    expect(await ids(path, false)).toEqual(['train-0.tar/a.jpg unlabeled']);
    files('prepared', 'train/cat/1.jpg');
    await expect(openSource(path)).rejects.toThrow('is a prepared data set, with a folder for each split');
    expect(await ids(path, false)).toEqual(['train/cat/1.jpg unlabeled']);
    expect(await ids(join(path, 'train'))).toEqual(['cat/1.jpg cat']);
  });

  it('tables, Pascal VOC, YOLO and COCO; all images where labels do not matter', async () => {
    const table = files('table', 'x/1.jpg', 'y/2.jpg', 'photos.csv');
    writeFileSync(join(table, 'photos.csv'), 'image,label\nx/1.jpg,cat\ny/2.jpg,dog\n');
    expect(await ids(join(table, 'photos.csv'))).toEqual(['x/1.jpg cat', 'y/2.jpg dog']);

    const voc = files('voc', 'JPEGImages/1.jpg', 'JPEGImages/2.jpg', 'Annotations/1.xml');
    const size = '<size><width>48</width><height>40</height><depth>3</depth></size>';
    const box = '<bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>';
    const xml = `<annotation><filename>1.jpg</filename>${size}<object><name>cat</name>${box}</object></annotation>`;
    writeFileSync(join(voc, 'Annotations/1.xml'), xml);
    expect((await openSource(voc)).boxClasses).toEqual(['cat']);
    expect((await ids(voc, false)).length).toBe(2);

    const yolo = files('yolo', 'images/train/1.jpg', 'images/train/2.jpg', 'labels/train/1.txt');
    writeFileSync(join(yolo, 'labels/train/1.txt'), '0 0.5 0.5 0.2 0.2\n');
    writeFileSync(join(yolo, 'data.yaml'), 'train: images/train\nval: images/train\nnames: [cat]\n');
    expect((await openSource(join(yolo, 'data.yaml'))).boxClasses).toEqual(['cat']);
    expect((await openSource(yolo)).boxClasses).toEqual(['cat']);
    expect((await ids(yolo, false)).length).toBe(2);

    const coco = files('coco', 'images/1.jpg', 'images/2.jpg');
    writeFileSync(
      join(coco, 'annotations.json'),
      JSON.stringify({
        images: [{ id: 1, file_name: '1.jpg', width: 48, height: 40 }],
        annotations: [{ id: 1, image_id: 1, category_id: 3, bbox: [1, 1, 9, 9], iscrowd: 0, area: 81 }],
        categories: [{ id: 3, name: 'cat' }],
      }),
    );
    expect((await openSource(coco)).boxClasses).toEqual(['cat']);
    expect((await ids(coco, false)).length).toBe(2);
  });

  it('TFRecord, MDS and raw caches, by a path and as a folder', async () => {
    const records = files('records', 'about.txt');
    const image = { 'image/encoded': [jpeg], 'image/class/label': { ints: [1] } };
    writeFileSync(join(records, 'a.tfrecord'), record(example(image)));
    expect(await openSource(join(records, 'a.tfrecord'))).toMatchObject({ length: 1 });
    expect((await ids(records, false))[0]).toContain('unlabeled');

    for (const format of [mdsFormat, rawFormat]) {
      const dir = files(format.name, 'about.txt');
      const writer = format.shard(place(dir), SCHEMA);
      for (const sample of await birds()) await writer.add({ ...sample, label: 1 });
      const shard = { split: 'train', index: 0, samples: 3, files: await writer.finish() };
      await format.index?.(dir, [shard], SCHEMA, async (file) => readFileSync(join(dir, file)));
      const path = shard.files.some((file) => file.path.includes('/')) ? join(dir, 'train') : dir;
      const data = await openSource(path);
      expect([format.name, data.length > 0, data.classes]).toEqual([format.name, true, SCHEMA.classes]);
    }
  });

  it('images by a pattern', async () => {
    const path = files('pattern', 'a1.jpg', 'a2.jpg', 'b.jpg');
    expect((await openSource(join(path, 'a*.jpg'))).length).toBe(2);
  });

  it('refuses what is no source, and an empty folder', async () => {
    await expect(openSource(join(root, 'nothing'))).rejects.toThrow(
      /^source: there is no file or folder '.*nothing'; check the path/,
    );
    await expect(openSource(join(import.meta.dirname, 'open-source.test.ts'))).rejects.toThrow(
      /^source: expected tar shards .* but received/,
    );
    mkdirSync(join(root, 'empty'));
    await expect(openSource(join(root, 'empty'))).rejects.toThrow(
      /^source: no image is in '.*empty' or below it; check the path$/,
    );
  });
});
