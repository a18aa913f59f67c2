/** Archives and folders that are broken or hostile: what is usable is used, the rest is told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RxaugError, UsageError } from '../../src/core/index.js';
import { openCifar } from '../../src/datasets/index.js';
import { openImageFolder, openWebdataset, type WebdatasetOptions } from '../../src/io/index.js';
import { image, type RawEntry, scratchFolder, tarOf } from '../io/make.js';

const folder = scratchFolder();
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await image(8, 8).jpeg().toBuffer();
});

const pair = (key: string, label: string | number = 0): RawEntry[] => [
  { name: `${key}.jpg`, data: jpeg },
  { name: `${key}.cls`, data: String(label) },
];

let count = 0;
function archive(bytes: Uint8Array): string {
  const path = join(folder, `s${count++}.tar`);
  writeFileSync(path, bytes);
  return path;
}

async function open(bytes: Uint8Array, options: WebdatasetOptions = {}) {
  const path = archive(bytes);
  const data = await openWebdataset(path, { cache: false, ...options });
  const ids = Array.from({ length: data.length }, (_, i) => data.item(i).id.split('/').slice(1).join('/'));
  const problems = data.problems.map(({ where, reason }) => {
    expect(where).toMatch(/^s\d+\.tar/);
    expect(reason).toMatch(/^[^\n]+; [^\n]+$/);
    return [where.split('/').slice(1).join('/'), reason] as const;
  });
  return { ids, problems, data };
}

describe('tar', () => {
  test('names that leave the archive, links and devices are refused one by one', async () => {
    const hostile: RawEntry[] = [
      { name: '../up.jpg', data: 'x' },
      { name: '/etc/passwd.jpg', data: 'x' },
      { name: 'a/../../b.jpg', data: 'x' },
      { name: 'C:\\boot.jpg', data: 'x' },
      { name: 'soft.jpg', type: '2', link: '/etc/passwd' },
      { name: 'hard.jpg', type: '1', link: 'good.jpg' },
      { name: 'tty.jpg', type: '3' },
      { name: 'pipe.jpg', type: '6' },
      { name: 'sparse.jpg', type: 'S' },
      { name: 'odd.jpg', type: '?' },
    ];
    const { ids, problems } = await open(tarOf([...hostile, ...pair('good')]));
    expect(ids).toEqual(['good.jpg']);
    expect(problems.map(([where]) => where)).toEqual(hostile.map((entry) => entry.name));
    const reasons = problems.map(([, reason]) => reason).join('\n');
    for (const part of [
      "'..'",
      'absolute',
      'symbolic link',
      'hard link',
      'device',
      'pipe',
      'sparse',
      'unknown',
    ]) {
      expect(reasons).toContain(part);
    }
  });

  test('a long name that leaves the archive', async () => {
    const name = `../${'x'.repeat(200)}.jpg`;
    const long = [
      { name: '././@LongLink', type: 'L', data: `${name}\0` },
      { name: 'xxx.jpg', data: 'y' },
    ];
    const { ids, problems } = await open(tarOf([...long, ...pair('good')]));
    expect([ids, problems[0]?.[0]]).toEqual([['good.jpg'], name]);
  });

  test('missing partners, both ways', async () => {
    const { ids, problems } = await open(
      tarOf([{ name: 'lone.jpg', data: jpeg }, ...pair('good'), { name: 'none.cls', data: '1' }]),
    );
    expect(ids).toEqual(['good.jpg']);
    expect(problems).toEqual([
      ['lone.jpg', expect.stringContaining('add lone.cls or lone.json')],
      ['none.cls', expect.stringContaining('add none.jpg')],
    ]);
  });

  test('the same key twice', async () => {
    const { ids, problems } = await open(
      tarOf([...pair('a', 1), ...pair('a', 2), { name: 'a.png', data: jpeg }, ...pair('b')]),
    );
    expect(ids).toEqual(['a.jpg', 'b.jpg']);
    expect(problems.map(([where]) => where)).toEqual(['a.jpg', 'a.cls', 'a.png']);
  });

  test('cut short at every block: the samples before are kept', async () => {
    const bytes = tarOf([...pair('a'), ...pair('b'), ...pair('c')]);
    const whole = (await open(bytes)).problems;
    expect(whole).toEqual([]);
    for (let length = bytes.length - 1024; length > 2500; length -= 300) {
      const { ids, problems } = await open(bytes.subarray(0, length));
      expect(['a.jpg', 'b.jpg', 'c.jpg'].slice(0, ids.length)).toEqual(ids);
      const cuts = problems.filter(([, reason]) => /cut short|no end mark/.test(reason));
      expect(cuts).toHaveLength(1);
    }
  });

  test('a header that is damaged ends the archive there', async () => {
    const bytes = tarOf([...pair('a'), ...pair('b')]);
    const at = bytes.indexOf('b.jpg');
    bytes[at + 3] = 0x58;
    const { ids, problems } = await open(bytes);
    expect(ids).toEqual(['a.jpg']);
    expect(problems[0]?.[1]).toContain(`header at byte ${at} is damaged`);
  });

  test('wrong sizes in headers are reported', async () => {
    const { ids, problems } = await open(
      tarOf([...pair('a'), { name: 'b.jpg', data: jpeg, size: 8 ** 11 - 1 }, ...pair('c')]),
    );
    expect([ids, problems[0]]).toEqual([
      ['a.jpg'],
      ['b.jpg', expect.stringContaining('cut short inside it')],
    ]);
    const negative = tarOf([...pair('a'), { name: 'b.jpg', data: jpeg }]);
    const at = negative.indexOf('b.jpg');
    negative.fill(0xff, at + 124, at + 136);
    resum(negative, at);
    expect((await open(negative)).problems[0]?.[1]).toContain('not a number');
  });

  test('labels that are out of range, not numbers, or not readable', async () => {
    const { ids, problems } = await open(
      tarOf([
        ...pair('a', 3),
        ...pair('b', 1),
        ...pair('c', -1),
        ...pair('d', 'cow'),
        ...pair('e', ''),
        { name: 'f.jpg', data: jpeg },
        { name: 'f.json', data: '{"label": ' },
        { name: 'g.jpg', data: jpeg },
        { name: 'g.json', data: '{"other": 1}' },
        { name: 'h.jpg', data: jpeg },
        { name: 'h.json', data: '{"label": [0.5, 0.1]}' },
        { name: 'i.jpg', data: jpeg },
        { name: 'i.json', data: 'null' },
        { name: 'j.jpg', data: '' },
        { name: 'j.cls', data: '1' },
        { name: 'k.jpg', data: jpeg },
        { name: 'k.json', data: '{"label": 0.5}' },
      ]),
      { classes: ['x', 'y'] },
    );
    expect(ids).toEqual(['b.jpg']);
    expect(new Map(problems)).toEqual(
      new Map([
        ['e.cls', expect.stringContaining('empty')],
        ['f.json', expect.stringContaining('not JSON')],
        ['g.json', expect.stringContaining("'label' or 'cls'")],
        ['i.json', expect.stringContaining("'label' or 'cls'")],
        ['j.jpg', expect.stringContaining('empty')],
        ['a.jpg', expect.stringContaining('label 3 is not in 0..1')],
        ['c.jpg', expect.stringContaining('label -1')],
        ['d.jpg', expect.stringContaining("'cow' is none of the 2 classes")],
        ['h.jpg', expect.stringContaining('no distribution')],
        ['k.jpg', expect.stringContaining('label 0.5')],
      ]),
    );
  });

  test('a label of two billion is refused, and allocates no classes', async () => {
    const { ids, data } = await open(tarOf([...pair('a', 2_000_000_000), ...pair('b', 1)]));
    expect([ids, data.classes]).toEqual([['b.jpg'], ['0', '1']]);
  });

  test('no tar, empty, no image: one sentence', async () => {
    for (const [bytes, part] of [
      [Buffer.from('not a tar'), 'cut short'],
      [Buffer.alloc(2000, 65), 'not a tar archive'],
      [Buffer.alloc(0), 'end mark'],
      [tarOf([]), 'a.jpg with a.cls'],
      [tarOf([{ name: 'readme.txt', data: 'hi' }]), 'a.jpg with a.cls'],
    ] as const) {
      const path = archive(bytes);
      const failure = await openWebdataset(path, { cache: false }).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(RxaugError);
      expect((failure as Error).message).toMatch(/^webdataset: no usable sample in '.*'; [^\n]+$/);
      expect((failure as Error).message).toContain(part);
    }
  });

  test('numbers and names mixed', async () => {
    await expect(open(tarOf([...pair('a', 1), ...pair('b', 'dog')]))).rejects.toThrow(
      /some labels are numbers/,
    );
  });

  test('random archives throw only RxaugError', async () => {
    const base = tarOf([
      ...pair('a'),
      ...pair('b', 1),
      { name: 'c.json', data: '{"label":1}' },
      { name: 'c.jpg', data: jpeg },
    ]);
    let state = 12345;
    const next = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(base.subarray(0, round % 3 === 0 ? next(base.length) : base.length));
      for (let k = 0; k < 4 && bytes.length > 0; k++) bytes[next(bytes.length)] = next(256);
      for (let at = 0; at + 512 <= bytes.length && round % 2; at += 512)
        if (bytes[at + 257] === 0x75) resum(bytes, at);
      const result = await openWebdataset(archive(bytes), { cache: false }).catch((e: unknown) => e);
      if (result instanceof Error) expect(result).toBeInstanceOf(RxaugError);
    }
  });
});

describe('patterns and folders', () => {
  test('a pattern that names no file', async () => {
    const path = archive(tarOf(pair('a')));
    for (const [pattern, part] of [
      [join(folder, 'none-*.tar'), 'no file matches'],
      [path.replace('.tar', '{.tar,-more.tar}'), '-more.tar'],
      [[], 'no pattern'],
    ] as const) {
      const failure = await openWebdataset(pattern).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(UsageError);
      expect((failure as Error).message).toContain(part);
    }
  });

  test('classes.txt that is missing, empty or names a class twice', async () => {
    const path = archive(tarOf(pair('a')));
    const classes = join(folder, 'names.txt');
    const open = () => openWebdataset(path, { cache: false, classes });
    await expect(open()).rejects.toThrow(/there is no file/);
    writeFileSync(classes, '\n\n');
    await expect(open()).rejects.toThrow(/names no class/);
    writeFileSync(classes, 'a\nb\na\n');
    await expect(open()).rejects.toThrow(/'a' twice/);
  });

  test('image folders', async () => {
    const root = join(folder, 'images');
    await expect(openImageFolder(root)).rejects.toThrow(/there is no folder/);
    mkdirSync(root);
    await expect(openImageFolder(root)).rejects.toThrow(/no class folder/);
    writeFileSync(join(root, 'loose.jpg'), jpeg);
    await expect(openImageFolder(root)).rejects.toThrow(/1 images but no class folder/);
    mkdirSync(join(root, 'cat'));
    await expect(openImageFolder(root)).rejects.toThrow(
      /cat' holds no image; add some, remove it, or give the names of all classes as classes/,
    );
    writeFileSync(join(root, 'cat', 'a.jpg'), jpeg);
    const data = await openImageFolder(root);
    expect(data.length).toBe(1);
    expect(data.problems).toEqual([
      { where: root, reason: expect.stringContaining('outside class folders') },
    ]);
    await expect(openImageFolder(join(root, 'loose.jpg'))).rejects.toThrow(/is a file/);
  });

  test.skipIf(process.platform === 'win32')('a pipe among images is passed over', async () => {
    const root = join(folder, 'piped');
    mkdirSync(join(root, 'cat'), { recursive: true });
    execFileSync('mkfifo', [join(root, 'cat', 'pipe.jpg')]);
    writeFileSync(join(root, 'cat', 'a.jpg'), jpeg);
    expect((await openImageFolder(root)).length).toBe(1);
  });

  test('CIFAR folders', async () => {
    const root = join(folder, 'cifar');
    mkdirSync(root);
    await expect(openCifar(root)).rejects.toThrow(/there is no file.*data_batch_1\.bin/);
    writeFileSync(join(root, 'data_batch_1'), '');
    await expect(openCifar(root)).rejects.toThrow(/Python version/);
    writeFileSync(join(root, 'test_batch.bin'), Buffer.alloc(100));
    await expect(openCifar(root, { split: 'test' })).rejects.toThrow(/no whole record/);
    await expect(openCifar(root, { version: 11 as 10 })).rejects.toThrow(UsageError);
  });
});

/** Makes the checksum of a header right again. */
function resum(bytes: Buffer, at: number): void {
  if (at + 512 > bytes.length) return;
  bytes.fill(0x20, at + 148, at + 156);
  let sum = 0;
  for (let i = at; i < at + 512; i++) sum += bytes[i] as number;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}
