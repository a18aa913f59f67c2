import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { of, Subject } from 'rxjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, Item, ItemStream } from '../../src/core/index.js';
import { openCifar } from '../../src/datasets/index.js';
import {
  Decoder,
  type ItemLike,
  openArrays,
  openImageFolder,
  openItems,
  openWebdataset,
  TarWriter,
} from '../../src/io/index.js';
import { naturalOrder } from '../../src/io/problems.js';
import { image, picture, scratchFolder } from './make.js';

const folder = scratchFolder();
const all = (data: Dataset): Item[] => Array.from({ length: data.length }, (_, i) => data.item(i));
const cache = join(folder, 'cache');

function shard(path: string, entries: [string, string | Uint8Array][]): string {
  using writer = new TarWriter(path);
  for (const [name, data] of entries) writer.add(name, data);
  writer.finish();
  return path;
}

async function collect(stream: ItemStream): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream.items()) items.push(item);
  return items;
}

test('natural order', () => {
  const names = ['b', 'a10', 'a9', 'a09', 'a1b2', 'a1b10', 'A', 'a', '', '10', '9'];
  expect([...names].sort(naturalOrder)).toEqual([
    '',
    '9',
    '10',
    'A',
    'a',
    'a1b2',
    'a1b10',
    'a09',
    'a9',
    'a10',
    'b',
  ]);
});

describe('webdataset', () => {
  let jpeg: Buffer;
  beforeAll(async () => {
    jpeg = await image(8, 8).jpeg().toBuffer();
    const dir = join(folder, 'wds');
    for (const s of [0, 1, 10]) {
      shard(join(dir, `t-${s}.tar`), [
        [`k${s}-a.jpg`, jpeg],
        [`k${s}-a.cls`, '1'],
        [`k${s}-b.json`, '{"label": 2, "note": "x"}'],
        [`k${s}-b.PNG`, jpeg],
        [`k${s}-b.note.png`, 'not the image'],
        ['__index__', 'ignored'],
      ]);
    }
  });

  test('patterns, ids, labels, ranges', async () => {
    const data = await openWebdataset(join(folder, 'wds', 't-*.tar'), { cache: false });
    expect(all(data).map((i) => [i.id, i.label])).toEqual([
      ['t-0.tar/k0-a.jpg', 1],
      ['t-0.tar/k0-b.PNG', 2],
      ['t-1.tar/k1-a.jpg', 1],
      ['t-1.tar/k1-b.PNG', 2],
      ['t-10.tar/k10-a.jpg', 1],
      ['t-10.tar/k10-b.PNG', 2],
    ]);
    expect(data.classes).toEqual(['0', '1', '2']);
    expect(data.problems).toEqual([
      { where: 't-*.tar', reason: expect.stringContaining('3 .note.png, such as'), passed: 6 },
    ]);
    for (const item of all(data)) {
      if (item.image.kind !== 'range') throw new Error('expected a range');
      const { path, offset, length } = item.image;
      expect(
        readFileSync(path)
          .subarray(offset, offset + length)
          .equals(jpeg),
      ).toBe(true);
    }
    const some = await openWebdataset(join(folder, 'wds', 't-{10,0}.tar'), { cache: false });
    expect(all(some).map((i) => i.id.slice(0, 5))).toEqual(['t-10.', 't-10.', 't-0.t', 't-0.t']);
  });

  test('class names from classes.txt, from options, from labels', async () => {
    const dir = join(folder, 'named');
    const path = shard(join(dir, 'a.tar'), [
      ['x.jpg', jpeg],
      ['x.cls', 'dog'],
      ['y.jpg', jpeg],
      ['y.json', '{"cls":"cat"}'],
    ]);
    expect((await openWebdataset(path, { cache: false })).classes).toEqual(['cat', 'dog']);
    writeFileSync(join(dir, 'classes.txt'), 'dog\nbird\ncat\n');
    const data = await openWebdataset(path, { cache: false });
    expect(all(data).map((i) => i.label)).toEqual([0, 2]);
    const given = await openWebdataset(path, { cache: false, classes: ['bird', 'cat', 'dog'] });
    expect(all(given).map((i) => i.label)).toEqual([2, 1]);
  });

  test('another field, distributions, and images alone', async () => {
    const path = shard(join(folder, 'fields.tar'), [
      ['x.jpg', jpeg],
      ['x.json', '{"age": 1, "p": [0.25, 0.75]}'],
    ]);
    expect((await openWebdataset(path, { cache: false, labelField: 'age' })).item(0).label).toBe(1);
    const soft = await openWebdataset(path, { cache: false, labelField: 'p' });
    expect(soft.item(0).label).toEqual(new Float32Array([0.25, 0.75]));
    expect(soft.classes).toEqual(['0', '1']);
    const alone = await openWebdataset(path, { cache: false, labels: false });
    expect([alone.classes, alone.item(0).label]).toEqual([['unlabeled'], 0]);
  });

  test('the index is kept, and made again when it is damaged or the shard has changed', async () => {
    const path = shard(join(folder, 'cached.tar'), [
      ['x.jpg', jpeg],
      ['x.cls', '3'],
      ['lone.jpg', jpeg],
    ]);
    const fresh = await openWebdataset(path, { cache: false });
    const first = await openWebdataset(path, { cache });
    const [file] = readdirSync(cache) as [string];
    const kept = readFileSync(join(cache, file));
    const again = await openWebdataset(path, { cache });
    for (const data of [first, again]) {
      expect(all(data)).toEqual(all(fresh));
      expect(data.problems).toEqual(fresh.problems);
    }
    expect(fresh.problems).toHaveLength(1);

    for (const damage of [
      kept.subarray(0, 50),
      Buffer.alloc(0),
      horizontalFlip(kept, 40),
      horizontalFlip(kept, kept.length - 1),
    ]) {
      writeFileSync(join(cache, file), damage);
      expect(all(await openWebdataset(path, { cache }))).toEqual(all(fresh));
      expect(readFileSync(join(cache, file)).equals(kept)).toBe(true);
    }
    shard(path, [
      ['x.jpg', jpeg],
      ['x.cls', '2'],
      ['lone.jpg', jpeg],
    ]);
    expect((await openWebdataset(path, { cache })).item(0).label).toBe(2);
    utimesSync(path, 1, 1);
    expect((await openWebdataset(path, { cache })).item(0).label).toBe(2);
    expect(readdirSync(cache)).toEqual([file]);
  });

  test('a cache that cannot be written costs nothing else', async () => {
    const path = shard(join(folder, 'nocache.tar'), [
      ['x.jpg', jpeg],
      ['x.cls', '3'],
    ]);
    writeFileSync(join(folder, 'file'), '');
    expect((await openWebdataset(path, { cache: join(folder, 'file', 'below') })).length).toBe(1);
  });
});

test('imageFolder: natural order of classes and of nested files, hidden and other files left out', async () => {
  const root = join(folder, 'classes');
  const files = [
    'c10/a.jpg',
    'c9/b10.png',
    'c9/b9.JPEG',
    'c9/in/side.webp',
    'c9/.hidden.jpg',
    '.git/x.jpg',
    'c9/notes.txt',
  ];
  for (const file of files) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), 'decided when decoded');
  }
  symlinkSync(root, join(root, 'c9', 'in', 'circle'));
  symlinkSync(join(root, 'c10', 'a.jpg'), join(root, 'c9', 'z-link.jpg'));
  const data = await openImageFolder(root);
  expect(data.classes).toEqual(['c9', 'c10']);
  expect(all(data).map((i) => [i.id, i.label])).toEqual([
    ['c9/b9.JPEG', 0],
    ['c9/b10.png', 0],
    ['c9/in/side.webp', 0],
    ['c9/z-link.jpg', 0],
    ['c10/a.jpg', 1],
  ]);
  expect(data.item(4).image).toEqual({ kind: 'file', path: join(root, 'c10', 'a.jpg') });
  expect(() => data.item(data.length)).toThrow(RangeError);
});

describe('cifar', () => {
  const dir = join(folder, 'cifar');
  const hwc = picture(32, 32);
  const planes = Buffer.alloc(3072);
  for (let i = 0; i < 1024; i++) for (let c = 0; c < 3; c++) planes[c * 1024 + i] = hwc[3 * i + c] as number;

  test('10: planes become pixels, names come from the meta file', async () => {
    mkdirSync(dir, { recursive: true });
    for (const i of [1, 2, 3, 4, 5]) {
      writeFileSync(
        join(dir, `data_batch_${i}.bin`),
        Buffer.concat([Buffer.from([i]), planes, Buffer.from([9]), planes]),
      );
    }
    writeFileSync(
      join(dir, 'test_batch.bin'),
      Buffer.concat([Buffer.from([200]), planes, Buffer.from([3]), planes]),
    );
    const names = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
    writeFileSync(join(dir, 'batches.meta.txt'), `${names.join('\n')}\n\n`);
    const train = await openCifar(dir);
    expect([train.length, train.classes, train.problems]).toEqual([10, names, []]);
    expect(all(train).map((i) => i.label)).toEqual([1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    expect(train.item(3).id).toBe('data_batch_2.bin/1');
    const { image: ref } = train.item(3);
    if (ref.kind !== 'pixels') throw new Error('expected pixels');
    expect(Buffer.from(ref.data).equals(hwc)).toBe(true);
    expect(ref.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const held = await openCifar(dir, { split: 'test' });
    expect([held.length, held.item(0).label]).toEqual([1, 3]);
    expect(held.problems[0]).toMatchObject({
      where: 'test_batch.bin/0',
      reason: expect.stringContaining('0..9'),
    });
  });

  test('100: fine and coarse labels; a file cut short gives its whole records', async () => {
    const records = [7, 99].flatMap((fine) => [Buffer.from([3, fine]), planes]);
    writeFileSync(join(dir, 'train.bin'), Buffer.concat([...records, Buffer.alloc(100)]));
    const fine = await openCifar(dir, { version: 100 });
    expect(all(fine).map((i) => i.label)).toEqual([7, 99]);
    expect(fine.classes).toHaveLength(100);
    expect(fine.problems).toHaveLength(1);
    const coarse = await openCifar(dir, { version: 100, labels: 'coarse' });
    expect([coarse.classes.length, coarse.item(1).label]).toEqual([20, 3]);
  });
});

describe('arrays', () => {
  const images = new Uint8Array(2 * 4 * 3 * 3).map((_, i) => i);

  test('items are views of shared memory', () => {
    const data = openArrays({ images, labels: [1, 0], width: 3, height: 4, classes: ['a', 'b'] });
    const { image: ref, label, id } = data.item(1);
    if (ref.kind !== 'pixels') throw new Error('expected pixels');
    expect([data.length, label, id]).toEqual([2, 0, 'arrays/1']);
    expect([...ref.data]).toEqual([...images.subarray(36)]);
    expect(ref.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const shared = new Uint8Array(new SharedArrayBuffer(12));
    const same = openArrays({
      images: shared,
      labels: [new Float32Array([0.5, 0.5])],
      width: 2,
      height: 2,
      classes: ['a', 'b'],
    });
    expect((same.item(0).image as { data: Uint8Array }).data.buffer).toBe(shared.buffer);
    expect(same.item(0).label).toEqual(new Float32Array([0.5, 0.5]));
  });

  test('sizes and labels are checked', () => {
    const good = { images, labels: [1, 0], width: 3, height: 4, classes: ['a', 'b'] };
    expect(() => openArrays({ ...good, width: 5 })).toThrow(/expected N × height/);
    expect(() => openArrays({ ...good, labels: [1] })).toThrow(/expected 2 labels/);
    expect(() => openArrays({ ...good, labels: [1, 2] })).toThrow(/image 1: its label 2 is not in 0..1/);
    expect(() => openArrays({ ...good, images: images.subarray(0, 0), labels: [] })).toThrow(/empty/);
    expect(() => openArrays({ ...good, classes: ['a', 'a'] })).toThrow(/twice/);
  });
});

describe('fromItems', () => {
  const classes = ['cat', 'dog'];
  const bytes = new Uint8Array([1]);
  const likes = [
    { image: 'a.jpg', label: 0, id: 'first' },
    { image: bytes, label: 'dog' },
    { image: { data: new Uint8Array(12), width: 2, height: 2 }, label: [0.5, 0.5] },
  ];
  const items = [
    { id: 'first', image: { kind: 'file', path: 'a.jpg' }, label: 0 },
    { id: 'from/1', image: { kind: 'bytes', bytes }, label: 1 },
    {
      id: 'from/2',
      image: { kind: 'pixels', width: 2, height: 2, channels: 3, data: new Uint8Array(12) },
      label: new Float32Array([0.5, 0.5]),
    },
  ];

  test.each([
    ['array', () => likes],
    [
      'async generator',
      () =>
        (async function* () {
          yield* likes;
        })(),
    ],
    [
      'ReadableStream',
      () =>
        new ReadableStream({
          start: (c) => {
            for (const like of likes) c.enqueue(like);
            c.close();
          },
        }),
    ],
    ['Observable', () => of(...likes)],
  ])('%s', async (_, source) => {
    expect(await collect(openItems(source() as never, { classes }))).toEqual(items);
    const twice = openItems(source as never, { classes });
    expect([await collect(twice), await collect(twice)]).toEqual([items, items]);
  });

  test('asks an iterable for no more than is used, and closes it', async () => {
    let made = 0;
    let closed = false;
    function* source() {
      try {
        for (;;) yield { image: `${made++}.jpg`, label: 0 };
      } finally {
        closed = true;
      }
    }
    let used = 0;
    for await (const _ of openItems(source(), { classes }).items()) if (++used === 3) break;
    expect([made, closed]).toEqual([3, true]);
  });

  test('an Observable waits in memory up to a limit, and is left when the loop is', async () => {
    const subject = new Subject<ItemLike>();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const item of openItems(subject as never, { classes, maxBuffered: 5 }).items()) {
        seen.push(item.id);
        if (seen.length === 4) break;
      }
    })();
    await Promise.resolve();
    for (const id of ['a', 'b']) subject.next({ ...(likes[0] as ItemLike), id });
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const id of ['c', 'd', 'e']) subject.next({ ...(likes[0] as ItemLike), id });
    await reading;
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    expect(subject.observed).toBe(false);
    const flood = openItems(of(...likes, ...likes) as never, { classes, maxBuffered: 4 });
    await expect(collect(flood)).rejects.toThrow(/more than 4 items of the Observable wait/);
  });

  test('an error of the source is the error of the pass', async () => {
    const subject = new Subject<ItemLike>();
    const pass = collect(openItems(subject as never, { classes }));
    await Promise.resolve();
    subject.error(new Error('from the source'));
    await expect(pass).rejects.toThrow('from the source');
  });

  test('unusable items are reported, not thrown', async () => {
    const stream = openItems(
      [
        likes[0],
        null,
        { image: 5, label: 0 },
        { image: 'x', label: 7 },
        { image: 'x' },
        { image: 'y', label: 'cow' },
      ] as never,
      { classes, name: 'mine' },
    );
    expect(await collect(stream)).toHaveLength(1);
    expect(stream.problems.map((p) => p.where)).toEqual(['mine/1', 'mine/2', 'mine/3', 'mine/4', 'mine/5']);
    for (const { reason } of stream.problems) expect(reason).toMatch(/; /);
  });

  test('a source that is consumed is refused in its second pass', async () => {
    await expect(collect(openItems([], { classes }))).rejects.toThrow(/gave no item/);
    const once = openItems(
      (function* () {
        yield* likes;
      })() as never,
      { classes },
    );
    await collect(once);
    await expect(collect(once)).rejects.toThrow(/only once/);
    await expect(collect(openItems(7 as never, { classes }))).rejects.toThrow(/expected an iterable/);
  });
});

test('the decoder reads the references of every reader', async () => {
  const jpeg = await image(8, 8).jpeg().toBuffer();
  const path = shard(join(folder, 'decoded.tar'), [
    ['x.jpg', jpeg],
    ['x.cls', '0'],
  ]);
  const data = await openWebdataset(path, { cache: false });
  using decoder = new Decoder();
  const pixels = await decoder.decode(data.item(0).image);
  expect([pixels.width, pixels.height]).toEqual([8, 8]);
  expect(existsSync(path)).toBe(true);
});

function horizontalFlip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
