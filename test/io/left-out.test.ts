/** What readers pass over is counted and named: nothing is left out without a word. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/core/index.js';
import { Decoder, openImageFolder, openWebdataset, type WebdatasetOptions } from '../../src/io/index.js';
import { image, type RawEntry, scratchFolder, tarOf } from './make.js';

const folder = scratchFolder();
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await image(8, 8).jpeg().toBuffer();
});

let count = 0;
function shard(names: readonly (string | RawEntry)[]): string {
  const path = join(folder, `s${count++}.tar`);
  const entries = names.map((name): RawEntry => {
    if (typeof name !== 'string') return name;
    return { name, data: /\.(cls|txt)$/i.test(name) ? '1' : jpeg };
  });
  writeFileSync(path, tarOf(entries));
  return path;
}

const ids = (data: Dataset) =>
  Array.from({ length: data.length }, (_, i) => data.item(i).id.replace(/^s\d+\.tar\//, ''));

async function open(names: readonly (string | RawEntry)[], options: WebdatasetOptions = {}) {
  const data = await openWebdataset(shard(names), { cache: false, ...options });
  const notes = data.problems.filter(({ passed }) => passed !== undefined);
  const listed = data.problems.filter(({ passed }) => passed === undefined);
  expect(notes.length).toBeLessThanOrEqual(1);
  return {
    ids: ids(data),
    listed: listed.map(({ where, reason }) => [where.replace(/^s\d+\.tar\//, ''), reason]),
    note: notes[0]?.reason ?? '',
    passed: notes[0]?.passed ?? 0,
  };
}

describe('row 8: dots in names of a shard', () => {
  test('row 8: 22.05.jpg and 22.05.cls are listed, and the dot is named', async () => {
    const { ids, listed, passed } = await open(['a.jpg', 'a.cls', '22.05.jpg', '22.05.cls']);
    expect(ids).toEqual(['a.jpg']);
    expect(listed).toEqual([
      [
        '22.05.jpg',
        "a dot in its name ends its key at '22' and makes '05.jpg' its ending, which is not read; rename it, and its label with it, without that dot: '22_05.jpg'",
      ],
    ]);
    expect(passed).toBe(0);
  });

  test('row 8: beside a sample of the same key, in a folder, and a label alone', async () => {
    const { ids, listed } = await open([
      ...['22.jpg', '22.cls', '22.05.jpg', '22.05.cls'],
      ...['v1.0/b.jpg', 'v1.0/b.cls', 'v1.0/7.5.png', 'v1.0/7.5.cls', '9.1.cls'],
    ]);
    expect(ids).toEqual(['22.jpg', 'v1.0/b.jpg']);
    expect(listed.map(([where]) => where)).toEqual(['22.05.jpg', 'v1.0/7.5.png', '9.1.cls']);
    expect(listed[1]?.[1]).toContain("key at 'v1.0/7' and makes '5.png' its ending");
  });

  test('row 8: a.depth.png and a.seg.txt stay parts of the sample a, and masks are no such parts', async () => {
    const { ids, listed, note, passed } = await open([
      'a.seg.png',
      'a.jpg',
      'a.cls',
      'a.depth.png',
      'a.b.txt',
    ]);
    expect([ids, listed, passed]).toEqual([['a.jpg'], [], 2]);
    expect(note).toContain("1 .depth.png, such as 's");
    expect(note).toContain('1 .b.txt');
  });

  test('row 8: a part of a sample without an image is listed', async () => {
    const { listed } = await open(['a.jpg', 'a.cls', 'b.depth.png', 'b.cls']);
    expect(listed.map(([where]) => where)).toEqual(['b.depth.png', 'b.cls']);
  });

  test('row 8: nothing but names with dots: the error names the dot', async () => {
    await expect(open(['22.05.jpg', '22.05.cls'])).rejects.toThrow(/no usable sample in .*a dot in its name/);
  });
});

describe('row 8: entries of a shard that are neither image nor label', () => {
  test('row 8: are counted by ending, in one line', async () => {
    const { ids, listed, note, passed } = await open([
      ...['a.jpg', 'a.cls', 'a.txt', 'b.txt', '._a.jpg', '__index__', 'a.', 'd/c.HEIC', 'x.tar.gz'],
    ]);
    expect([ids, listed, passed]).toEqual([['a.jpg'], [], 7]);
    expect(note).toMatch(/^7 files are passed over, read neither as image nor as label \(/);
    for (const part of ['2 .txt', '1 hidden', '2 without an ending', '1 .heic', '1 .tar.gz']) {
      expect(note).toContain(part);
    }
  });

  test('row 8: over all shards, and in an index that was kept', async () => {
    const cache = join(folder, 'cache');
    const paths = [shard(['a.jpg', 'a.cls', 'a.txt']), shard(['b.jpg', 'b.cls', 'b.txt', 'b.xml'])];
    for (let round = 0; round < 2; round++) {
      const { problems } = await openWebdataset(paths, { cache, name: 'two' });
      expect(problems).toEqual([
        { where: 'two', reason: expect.stringContaining('2 .txt, such as'), passed: 3 },
      ]);
    }
  });

  test('row 8: labels are counted only where labels were asked for', async () => {
    const names = ['a.jpg', 'a.cls', { name: 'a.json', data: '{"label": 1}' }];
    expect(await open(names, { labels: false })).toMatchObject({ ids: ['a.jpg'], listed: [], passed: 0 });
    const { note } = await open(names, { labelField: 'label' });
    expect(note).toContain('1 .cls');
  });

  test('row 8: a .json that is none is reported where a .cls has the label, for its boxes are lost', async () => {
    const names = ['a.jpg', 'a.cls', { name: 'a.json', data: '{"boxes": [' }];
    for (const options of [{}, { labels: false }]) {
      const { ids, listed } = await open(names, options);
      expect([ids, listed]).toEqual([['a.jpg'], [['a.json', expect.stringContaining('it is not JSON')]]]);
    }
  });

  test('row 8: as many endings as files make one short line', async () => {
    const names = Array.from({ length: 500 }, (_, i) => ({ name: `k.x${i}`, data: 'x' }));
    const { note, passed } = await open(['a.jpg', 'a.cls', ...names]);
    expect(passed).toBe(500);
    expect(note.length).toBeLessThan(600);
  });

  test('row 8: upper case, empty images, the same key twice, halves of samples', async () => {
    const { ids, listed, passed } = await open([
      ...['A.JPG', 'A.CLS', 'b.jpg', 'b.cls', 'b.png', 'c.jpg', 'd.cls'],
      ...[{ name: 'e.jpg', data: '' }, 'e.cls'],
    ]);
    expect([ids, passed]).toEqual([['A.JPG', 'b.jpg'], 0]);
    expect(listed.map(([where]) => where)).toEqual(['b.png', 'e.jpg', 'c.jpg', 'd.cls']);
  });

  test('row 8: a label that is no number and no name of one line', async () => {
    const label = (name: string, data: string | Buffer): RawEntry[] => [
      { name: `${name}.jpg`, data: jpeg },
      { name: `${name}.cls`, data },
    ];
    const { ids, listed } = await open([
      ...label('a', 'cat'),
      ...label('b', 'cat\ndog'),
      ...label('c', Buffer.from([0xff, 0xd8, 0x00, 0x10])),
      ...label('d', 'x'.repeat(501)),
      { name: 'e.jpg', data: jpeg },
      { name: 'e.json', data: '{"label": ""}' },
    ]);
    expect(ids).toEqual(['a.jpg']);
    expect(listed.map(([where]) => where)).toEqual(['b.cls', 'c.cls', 'd.cls', 'e.json']);
    expect(listed[0]?.[1]).toContain("it holds 'cat\\ndog', no class number or name of one line");
  });
});

const anymap = Buffer.concat([Buffer.from('P6 2 1 255\n'), Buffer.from([1, 2, 3, 4, 5, 6])]);
const ENDINGS = ['bmp', 'ppm', 'pgm', 'pbm', 'pnm', 'PPM'];

test('row 8: BMP and PNM are images of shards and of folders', async () => {
  const names = ENDINGS.flatMap((ending, i): RawEntry[] => [
    { name: `${i}.${ending}`, data: anymap },
    { name: `${i}.cls`, data: '0' },
  ]);
  const data = await openWebdataset(shard(names), { cache: false });
  const root = join(folder, 'anymaps');
  mkdirSync(join(root, 'cat'), { recursive: true });
  for (const [i, ending] of ENDINGS.entries()) writeFileSync(join(root, 'cat', `${i}.${ending}`), anymap);
  const images = await openImageFolder(root);
  using decoder = new Decoder();
  for (const each of [data, images]) {
    expect([each.length, each.problems]).toEqual([ENDINGS.length, []]);
    const { data: pixels } = await decoder.decode(each.item(3).image);
    expect([...pixels]).toEqual([1, 2, 3, 4, 5, 6]);
  }
});

describe('row 8: files of a folder', () => {
  function files(root: string, names: readonly string[]): void {
    for (const name of names) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), jpeg);
    }
  }

  test('row 8: all that is passed over is one line, counted by ending', async () => {
    const root = join(folder, 'notes');
    files(root, [
      ...['cat/a.jpg', 'cat/B.JPG', 'cat/notes.txt', 'cat/in/Thumbs.db', 'cat/.DS_Store', 'cat/README'],
      ...['cat/c.heic', 'dog/d.jpg', 'dog/e.TXT', 'labels.csv', '.git/x.jpg', 'cat/.cache/y.jpg'],
    ]);
    const data = await openImageFolder(root);
    expect(ids(data)).toEqual(['cat/B.JPG', 'cat/a.jpg', 'dog/d.jpg']);
    const reason = data.problems[0]?.reason;
    expect(data.problems).toEqual([{ where: root, reason, passed: 9 }]);
    for (const part of [
      '3 hidden',
      "2 .txt, such as 'cat/notes.txt'",
      '1 .db',
      '1 .csv',
      '1 .heic',
      '1 without',
    ]) {
      expect(reason).toContain(part);
    }
  });

  test.skipIf(process.platform === 'win32')('pipes, links in circles and links to nothing', async () => {
    const root = join(folder, 'links');
    files(root, ['cat/a.jpg']);
    execFileSync('mkfifo', [join(root, 'cat', 'pipe.jpg')]);
    symlinkSync(root, join(root, 'cat', 'circle'));
    symlinkSync(join(root, 'gone.jpg'), join(root, 'cat', 'gone.jpg'));
    const { problems } = await openImageFolder(root);
    expect(problems).toEqual([
      { where: join(root, 'cat', 'gone.jpg'), reason: expect.stringContaining('leads nowhere') },
      { where: join(root, 'cat', 'circle'), reason: expect.stringContaining('read already') },
      { where: root, reason: expect.stringContaining('1 pipe or device'), passed: 1 },
    ]);
  });
});

test.skipIf(process.platform === 'win32')(
  'row 8: a shard that a link leads to and that is gone is reported',
  async () => {
    const root = join(folder, 'gone');
    mkdirSync(root);
    symlinkSync(shard(['a.jpg', 'a.cls']), join(root, 't-0.tar'));
    symlinkSync(join(root, 'nowhere'), join(root, 't-1.tar'));
    const data = await openWebdataset(join(root, 't-*.tar'), { cache: false });
    expect(ids(data)).toEqual(['t-0.tar/a.jpg']);
    expect(data.problems).toEqual([{ where: 't-1.tar', reason: expect.stringContaining('cannot be read') }]);
  },
);

test('row 15: an index that an older reader kept is not used', async () => {
  const cache = join(folder, 'old-cache');
  const path = shard(['a.jpg', 'a.cls', 'b.jpg', 'b.cls']);
  await openWebdataset(path, { cache });
  const file = join(cache, readdirSync(cache)[0] as string);
  const kept = deserialize(readFileSync(file).subarray(32)) as { stamp: string; index: object };
  const [version, ...rest] = kept.stamp.split(' ');
  // What the first version kept: one sample fewer, and nothing about it.
  const write = (stamp: string) => {
    const body = serialize({ stamp, index: { ...kept.index, count: 1 } });
    writeFileSync(file, Buffer.concat([createHash('sha256').update(body).digest(), body]));
  };
  write(kept.stamp);
  expect((await openWebdataset(path, { cache })).length).toBe(1);
  expect(Number(version)).toBeGreaterThan(1);
  write(['1', ...rest].join(' '));
  expect((await openWebdataset(path, { cache })).length).toBe(2);
});
