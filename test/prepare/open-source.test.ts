/** A path, and the data set that it names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../src/prepare/index.js';
import { image, scratchFolder, tarOf } from '../io/make.js';

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

  it('images by a pattern', async () => {
    const path = files('pattern', 'a1.jpg', 'a2.jpg', 'b.jpg');
    expect((await openSource(join(path, 'a*.jpg'))).length).toBe(2);
  });

  it('refuses what is no source, and an empty folder', async () => {
    await expect(openSource(join(root, 'nothing'))).rejects.toThrow(
      /^source: expected tar shards .* but received/,
    );
    mkdirSync(join(root, 'empty'));
    await expect(openSource(join(root, 'empty'))).rejects.toThrow(
      /^source: no image is in '.*empty' or below it; check the path$/,
    );
  });
});
