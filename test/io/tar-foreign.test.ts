/** Archives that other programs wrote, or might have: what GNU tar lists is read, or reported as left out. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { TarReader } from '../../src/io/archive/tar.js';
import { openWebdataset } from '../../src/io/index.js';
import { image, type RawEntry, scratchFolder, tarOf } from './make.js';

const folder = scratchFolder();
let count = 0;

function fileOf(bytes: Uint8Array): string {
  const path = join(folder, `a${count++}.tar`);
  writeFileSync(path, bytes);
  return path;
}

/** The files with their data, and what was reported. */
function read(bytes: Buffer) {
  using reader = new TarReader(fileOf(bytes));
  const problems: [string, string][] = [];
  const entries = [...reader.entries((name, reason) => problems.push([name ?? '', reason]))];
  for (const [, reason] of problems) expect(reason).toMatch(/^[^\n]+; [^\n]+$/);
  return {
    files: entries.map(({ name, offset, size }): [string, string] => [
      name,
      bytes.toString('latin1', offset, offset + size),
    ]),
    sizes: entries.map(({ name, size }): [string, number] => [name, size]),
    problems,
  };
}

const good: RawEntry = { name: 'good.jpg', data: 'g'.repeat(600) };
const GOOD: [string, string] = ['good.jpg', 'g'.repeat(600)];
/** Magics of POSIX, of old GNU tar, and of version 7, which has none. */
const MAGICS = { posix: 'ustar\x0000', gnu: 'ustar  \0', v7: '\0'.repeat(8) };
const magic = (kind: keyof typeof MAGICS) => (header: Buffer) => {
  header.write(MAGICS[kind], 257, 'latin1');
};
const record = (key: string, value: string): string => {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  const digits = String(rest + String(rest).length).length;
  return `${rest + digits} ${key}=${value}\n`;
};
const pax = (fields: Readonly<Record<string, string>>, type = 'x'): RawEntry => ({
  name: 'pax',
  type,
  data: Object.entries(fields)
    .map(([key, value]) => record(key, value))
    .join(''),
});

describe('row 15: real archives', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../golden/io/archives.json', import.meta.url), 'utf8'),
  ) as Record<string, { archive: string; files: [string, number][] }>;

  test.each(Object.keys(golden))('row 15: %s', (name) => {
    const { archive, files } = golden[name] as (typeof golden)[string];
    const { sizes, problems } = read(gunzipSync(Buffer.from(archive, 'base64')));
    const reported = problems.map(([where]) => where.replace(/^\.\//, ''));
    expect(sizes.filter(([file]) => reported.includes(file))).toEqual([]);
    // In order, but for what is reported.
    expect(sizes).toEqual(files.filter(([file]) => !reported.includes(file)));
    const special = /^$|^(hard|soft|pipe|holes)\.jpg$|GNUFileParts/;
    expect(reported.filter((file) => !special.test(file))).toEqual([]);
  });

  test('row 15: there are many real archives among the fixtures', () => {
    expect(Object.keys(golden).length).toBeGreaterThanOrEqual(25);
  });
});

describe('row 15: the size of an entry that has no data', () => {
  const types = { 1: 'hard link', 2: 'symbolic link', 3: 'device', 4: 'device', 5: '', 6: 'pipe' };
  for (const [type, what] of Object.entries(types)) {
    for (const kind of Object.keys(MAGICS) as (keyof typeof MAGICS)[]) {
      test(`row 15: type ${type}, ${kind}: no data follow, whatever it says`, () => {
        const odd: RawEntry = { name: 'odd', type, size: 2560, link: 'good.jpg', patch: magic(kind) };
        const { files, problems } = read(tarOf([odd, good, good]));
        expect(files).toEqual([GOOD, GOOD]);
        expect(problems).toEqual(what ? [['odd', expect.stringContaining(what)]] : []);
      });
    }
    test(`row 15: type ${type}: data that do follow are skipped`, () => {
      const odd: RawEntry = { name: 'odd', type, data: 'y'.repeat(600), link: 'good.jpg' };
      const { files, problems } = read(tarOf([odd, good]));
      expect(files).toEqual([GOOD]);
      expect(problems).toEqual([['odd', expect.stringContaining(what || 'folder that holds 600 bytes')]]);
    });
  }

  test('row 15: a size that reaches beyond the archive, or is none, costs nothing', () => {
    const far: RawEntry = { name: 'far', type: '5', size: 8 ** 11 - 1 };
    const none: RawEntry = { name: 'none', type: '5', patch: (header) => header.fill(0xff, 124, 136) };
    expect(read(tarOf([far, none, good]))).toMatchObject({ files: [GOOD], problems: [] });
  });

  test('row 15: a folder of version 7 is a file with a slash behind its name', () => {
    for (const size of [0, 2560]) {
      const v7: RawEntry = { name: 'dir/', type: '\0', size, patch: magic('v7') };
      expect(read(tarOf([v7, good]))).toMatchObject({ files: [GOOD], problems: [] });
    }
  });
});

test('row 15: a sample behind a folder of size 2560 is found', async () => {
  const jpeg = await image(8, 8).jpeg().toBuffer();
  const pair = (key: string): RawEntry[] => [
    { name: `${key}.jpg`, data: jpeg },
    { name: `${key}.cls`, data: '0' },
  ];
  const path = fileOf(
    tarOf([...pair('a'), { name: 'd/', type: '5', size: 2560 }, ...pair('d/b'), ...pair('c')]),
  );
  const data = await openWebdataset(path, { cache: false });
  expect(data.problems).toEqual([]);
  expect([0, 1, 2].map((i) => data.item(i).id.split('.tar/')[1])).toEqual(['a.jpg', 'd/b.jpg', 'c.jpg']);
});

describe('row 15: sparse files', () => {
  const pieces = 'z'.repeat(1024);
  const map = (more: number) => {
    const block = Buffer.alloc(512);
    block[504] = more;
    return block.toString('latin1');
  };

  test.each([
    ['old GNU', 482, 'gnu', ''],
    ['star', 355, 'posix', 'tar\0'],
  ] as const)('row 15: %s, with two more blocks of its map', (_, at, kind, tail) => {
    const sparse: RawEntry = {
      name: 'holes.jpg',
      type: 'S',
      size: pieces.length,
      data: Buffer.from(map(1) + map(0) + pieces, 'latin1'),
      patch(header) {
        magic(kind)(header);
        header[at] = 1;
        header.write(tail, 508, 'latin1');
      },
    };
    const { files, problems } = read(tarOf([sparse, good]));
    expect([files, problems]).toEqual([[GOOD], [['holes.jpg', expect.stringContaining('sparse')]]]);
  });

  test.each([
    ['0.0', { 'GNU.sparse.size': '5000', 'GNU.sparse.numblocks': '1', 'GNU.sparse.offset': '0' }, 'x'],
    ['0.1', { 'GNU.sparse.map': '0,600', 'GNU.sparse.name': 'dir/real.jpg' }, 'x'],
    ['1.0', { 'GNU.sparse.major': '1', 'GNU.sparse.name': 'dir/real.jpg' }, 'x'],
    ['of star', { 'SCHILY.realsize': '5000', path: 'dir/real.jpg' }, 'x'],
    ['of Solaris', { 'GNU.sparse.name': 'dir/real.jpg' }, 'X'],
  ])('row 15: pax, %s, is never read as a plain file', (_, fields, type) => {
    const stored: RawEntry = { name: 'GNUSparseFile.7/real.jpg', data: 'z'.repeat(600) };
    const { files, problems } = read(tarOf([pax(fields as Record<string, string>, type), stored, good]));
    const name = 'GNU.sparse.numblocks' in fields ? stored.name : 'dir/real.jpg';
    expect([files, problems]).toEqual([[GOOD], [[name, expect.stringContaining('sparse')]]]);
  });
});

describe('row 15: extended headers', () => {
  test('row 15: names of pax go before long names of GNU, as GNU tar has it', () => {
    const long: RawEntry = { name: '././@LongLink', type: 'L', data: 'long.jpg\0' };
    const named = pax({ path: 'pax.jpg' });
    for (const order of [
      [long, named],
      [named, long],
    ]) {
      expect(read(tarOf([...order, good])).files).toEqual([['pax.jpg', GOOD[1]]]);
    }
    expect(read(tarOf([long, good])).files[0]?.[0]).toBe('long.jpg');
    expect(read(tarOf([{ ...long, type: 'K' }, good])).files).toEqual([GOOD]);
  });

  test('row 15: global headers count for all that follow, and an empty value takes one back', () => {
    const two: RawEntry = { name: 'two.jpg', data: 'x'.repeat(300), size: 0 };
    expect(read(tarOf([pax({ size: '300' }, 'g'), two, two])).files).toEqual([
      ['two.jpg', 'x'.repeat(300)],
      ['two.jpg', 'x'.repeat(300)],
    ]);
    const { files } = read(tarOf([pax({ path: 'all.jpg' }, 'g'), good, pax({ path: '' }), good, good]));
    expect(files.map(([name]) => name)).toEqual(['all.jpg', 'good.jpg', 'all.jpg']);
    expect(read(tarOf([pax({ comment: '0123abcd' }, 'g'), good]))).toMatchObject({
      files: [GOOD],
      problems: [],
    });
  });

  test.each([
    ['a length that is wrong', { name: 'pax', type: 'x', data: '99 path=abc\n' }, 'damaged'],
    ['no line end', { name: 'pax', type: 'x', data: '12 path=abcd' }, 'damaged'],
    ['no key', { name: 'pax', type: 'x', data: '6 abc\n' }, 'damaged'],
    ['a size that is none', pax({ size: '12x' }), 'not a number'],
    ['a record of a megabyte', pax({ path: 'x'.repeat(1 << 20) }), 'too long'],
    ['a long name of a megabyte', { name: 'l', type: 'L', data: 'x'.repeat((1 << 20) + 1) }, 'too long'],
  ] satisfies [string, RawEntry, string][])(
    'row 15: %s: the entry is refused, not read under another name',
    (_, bad, part) => {
      const { files, problems } = read(tarOf([bad, { ...good, name: 'a.jpg' }, good]));
      expect([files, problems]).toEqual([[GOOD], [['a.jpg', expect.stringContaining(part)]]]);
    },
  );

  test('row 15: a damaged global header is reported', () => {
    const { files, problems } = read(tarOf([{ name: 'pax', type: 'g', data: '99 path=abc\n' }, good]));
    expect([files, problems]).toEqual([[GOOD], [['', expect.stringContaining('global')]]]);
  });
});

describe('row 15: other entries', () => {
  test.each(['D', 'V'])('row 15: type %s holds no file, and its data are skipped', (type) => {
    const odd: RawEntry = { name: 'odd', type, data: 'Ya.jpg\0\0' };
    expect(read(tarOf([odd, good]))).toMatchObject({ files: [GOOD], problems: [] });
  });

  test.each([
    ['M', 'began in another archive'],
    ['N', 'long names'],
    ['I', 'without its data'],
    ['A', 'unknown'],
    ['E', 'unknown'],
  ])('row 15: type %s is reported', (type, part) => {
    const { files, problems } = read(tarOf([{ name: 'odd.jpg', type, data: 'data' }, good]));
    expect([files, problems]).toEqual([[GOOD], [['odd.jpg', expect.stringContaining(part)]]]);
  });

  test('row 15: the rest of a file from another volume, as pax has it', () => {
    const rest: RawEntry = { name: 'GNUFileParts/a.jpg.2', data: 'rest' };
    const { files, problems } = read(tarOf([pax({ 'GNU.volume.filename': 'a.jpg' }, 'g'), rest, good]));
    expect([files, problems]).toEqual([[GOOD], [[rest.name, expect.stringContaining('another archive')]]]);
  });

  test('row 15: contiguous files, and files of version 7', () => {
    const old: RawEntry = { ...good, type: '\0', patch: magic('v7') };
    expect(read(tarOf([{ ...good, type: '7' }, old])).files).toEqual([GOOD, GOOD]);
  });
});

describe('row 15: numbers', () => {
  const sized = (write: (header: Buffer) => void): RawEntry => ({ ...good, name: 'n.jpg', patch: write });

  test('row 15: in base 256, with blanks before it, or behind a zero byte', () => {
    for (const entry of [
      sized((header) => {
        header.fill(0, 124, 136).writeUInt32BE(600, 132);
        header[124] = 0x80;
      }),
      sized((header) => header.write('       1130 ', 124, 'latin1')),
      sized((header) => header.write('\x000000001130\0', 124, 'latin1')),
      sized((header) => header.write('00000001130 ', 124, 'latin1')),
    ]) {
      expect(read(tarOf([entry, good]))).toMatchObject({ files: [['n.jpg', GOOD[1]], GOOD], problems: [] });
    }
  });

  test('row 15: a negative or invalid number is reported, and the next entries are read', () => {
    for (const entry of [
      sized((header) => header.fill(0xff, 124, 136)),
      sized((header) => header.write('12x45678901\0', 124, 'latin1')),
    ]) {
      const { files, problems } = read(tarOf([good, entry, good]));
      expect([files, problems]).toEqual([[GOOD], [['n.jpg', expect.stringContaining('not a number')]]]);
    }
  });

  test('row 15: checksums of signed bytes, and with other blanks', () => {
    const bytes = tarOf([{ ...good, name: 'ü.jpg' }]);
    let sum = 256;
    for (let i = 0; i < 512; i++) if (i < 148 || i > 155) sum += bytes.readInt8(i);
    for (const text of [`${sum.toString(8).padStart(6, '0')}\0 `, `${sum.toString(8).padStart(7, ' ')} `]) {
      bytes.write(text.slice(0, 8), 148, 'latin1');
      expect(read(bytes).files.map(([name]) => name)).toEqual(['ü.jpg']);
    }
  });
});

describe('row 15: behind the end mark', () => {
  test('row 15: another archive, and entries behind a lone block of zeros', () => {
    const more = tarOf([{ ...good, name: 'more.jpg' }]);
    for (const bytes of [
      Buffer.concat([tarOf([good]), more]),
      Buffer.concat([tarOf([good]), Buffer.alloc(2_000_000 - (2_000_000 % 512)), more]),
      Buffer.concat([tarOf([good], false), Buffer.alloc(512), more]),
    ]) {
      const { files, problems } = read(bytes);
      const place = bytes.indexOf('more.jpg');
      expect(files).toEqual([GOOD]);
      expect(problems).toEqual([['', expect.stringContaining(`from byte ${place} on`)]]);
    }
  });

  test('row 15: other bytes are reported, zeros are padding', () => {
    const junk = Buffer.concat([tarOf([good]), Buffer.alloc(700), Buffer.from('junk')]);
    expect(read(junk).problems).toEqual([['', expect.stringContaining('stand behind its end mark')]]);
    expect(read(Buffer.concat([tarOf([good]), Buffer.alloc(10_007)])).problems).toEqual([]);
  });
});

test('row 15: names that are not UTF-8 stay apart', () => {
  const named = (byte: number): RawEntry => ({
    ...good,
    name: 'x.jpg',
    patch: (header) => {
      header[0] = byte;
    },
  });
  const { files } = read(tarOf([named(0xe4), named(0xf6)]));
  expect(files.map(([name]) => name)).toEqual(['ä.jpg', 'ö.jpg']);
});

test('row 15: compressed archives, folders and pipes are reported as such', () => {
  for (const [start, word] of [
    ['1f8b08', 'gzip'],
    ['425a6839', 'bzip2'],
    ['fd377a585a00', 'xz'],
    ['28b52ffd', 'zstd'],
    ['504b0304', 'zip'],
  ]) {
    const bytes = Buffer.concat([Buffer.from(start as string, 'hex'), gzipSync('x'.repeat(2000))]);
    expect(read(bytes).problems).toEqual([['', expect.stringContaining(`compressed with ${word}`)]]);
  }
  mkdirSync(join(folder, 'not-a-file.tar'));
  expect(() => new TarReader(join(folder, 'not-a-file.tar'))).toThrow(/expected a file but found a folder/);
});
