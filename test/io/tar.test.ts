import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type TarEntry, TarReader } from '../../src/io/archive/tar.js';
import { TarWriter } from '../../src/io/archive/tar-writer.js';
import { scratchFolder, tarOf } from './make.js';

const folder = scratchFolder();

function read(path: string) {
  using reader = new TarReader(path);
  const problems: [string | undefined, string][] = [];
  const entries = [...reader.entries((name, reason) => problems.push([name, reason]))];
  const bytes = readFileSync(path);
  const data = (e: TarEntry) => bytes.subarray(e.offset, e.offset + e.size).toString();
  return { entries: entries.map((e) => [e.name, data(e)]), problems };
}

describe('the reader reads archives of the writer', () => {
  const files: [string, string][] = [
    ['a.jpg', 'one'],
    ['b.cls', ''],
    ['ünïcode/ß.txt', 'x'.repeat(513)],
    [`deep/${'long-name-'.repeat(30)}.jpg`, 'long'],
    [`${'ö'.repeat(80)}.cls`, 'two bytes a letter'],
    ['blocks', 'y'.repeat(1024)],
  ];

  function write(path: string): void {
    using writer = new TarWriter(path);
    for (const [name, data] of files) writer.add(name, data);
    writer.finish();
  }

  test('names and bytes', () => {
    const path = join(folder, 'new', 'written.tar');
    write(path);
    expect(read(path)).toEqual({ entries: files, problems: [] });
    expect(readdirSync(join(folder, 'new'))).toEqual(['written.tar']);
  });

  test('the same bytes each time', () => {
    write(join(folder, 'one.tar'));
    write(join(folder, 'two.tar'));
    expect(readFileSync(join(folder, 'one.tar')).equals(readFileSync(join(folder, 'two.tar')))).toBe(true);
  });

  test('large entries too', () => {
    const path = join(folder, 'large.tar');
    using writer = new TarWriter(path);
    const big = Buffer.alloc(3_000_001, 7);
    writer.add('big', big);
    writer.add('small', 'after');
    writer.finish();
    const { entries, problems } = read(path);
    expect(problems).toEqual([]);
    expect(entries[0]?.[1]?.length).toBe(big.length);
    expect(entries[1]).toEqual(['small', 'after']);
  });
});

test('an archive that is not finished leaves nothing behind', () => {
  const inside = join(folder, 'unfinished');
  mkdirSync(inside);
  {
    using writer = new TarWriter(join(inside, 'x.tar'));
    writer.add('a', 'b');
    expect(readdirSync(inside)).toHaveLength(1);
  }
  expect(readdirSync(inside)).toEqual([]);
});

test('names that leave the archive are not written', () => {
  using writer = new TarWriter(join(folder, 'hostile.tar'));
  for (const name of ['/etc/passwd', '../up', 'a/../../b', 'C:\\x', '']) {
    expect(() => writer.add(name, 'x')).toThrow(/tar: entry/);
  }
});

test('GNU long names, ./ prefixes, folders and base-256 sizes', () => {
  const path = join(folder, 'gnu.tar');
  const long = `${'n'.repeat(150)}.jpg`;
  const bytes = tarOf([
    { name: 'dir/', type: '5' },
    { name: '././@LongLink', type: 'L', data: `${long}\0` },
    { name: 'nnn', data: 'long' },
    { name: './plain.jpg', data: 'plain' },
  ]);
  writeFileSync(path, bytes);
  expect(read(path)).toEqual({
    entries: [
      [long, 'long'],
      ['plain.jpg', 'plain'],
    ],
    problems: [],
  });
});
