import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ImageFiles } from '../../src/io/files.js';
import { ReadAhead } from '../../src/io/read-ahead.js';

const folder = mkdtempSync(join(tmpdir(), 'read-ahead-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = 700_001;
const bytesOf = (factor: number) =>
  Buffer.from(Uint8Array.from({ length: SIZE }, (_, i) => (i * factor) >>> 5));
const archives = [7, 13].map((factor, i) => {
  const path = join(folder, `${i}.tar`);
  const bytes = bytesOf(factor);
  writeFileSync(path, bytes);
  return { path, bytes };
});

/** Mostly one entry behind the other, with leaps, steps back and another archive between. */
const walk = fc.array(
  fc.record({
    archive: fc.constantFrom(0, 0, 0, 0, 1),
    leap: fc.constantFrom(0, 0, 0, 0, 1),
    to: fc.nat(SIZE - 1),
    gap: fc.nat(9000),
    length: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 70_000 })),
  }),
  { minLength: 1, maxLength: 80 },
);

test('whatever is read ahead, the bytes are those of the archive', () =>
  fc.assert(
    fc.property(walk, (steps) => {
      const files = new ImageFiles(1e9, 1); // each change of the archive closes the other
      let at = 0;
      for (const { archive, leap, to, gap, length } of steps) {
        const { path, bytes } = archives[archive] as (typeof archives)[number];
        const offset = leap ? to : (at + gap) % SIZE;
        const end = Math.min(SIZE, offset + length);
        const read = files.read({ kind: 'range', path, offset, length: end - offset });
        expect(read.equals(bytes.subarray(offset, end))).toBe(true);
        expect(files.shared(read)).toBe(true);
        at = end;
      }
      files.dispose();
    }),
  ));

test('entries that follow each other are read at once', () => {
  const path = join(folder, 'ahead.tar');
  writeFileSync(path, bytesOf(3));
  const fd = openSync(path, 'r');
  const ahead = new ReadAhead();
  expect(ahead.read(fd, path, 0, 1000)).toBeUndefined();
  expect(ahead.read(fd, path, 1536, 1000)).toBeDefined();
  closeSync(fd); // what comes next is there without the file
  expect(ahead.read(fd, path, 3072, 1000)?.equals(bytesOf(3).subarray(3072, 4072))).toBe(true);
});

test('an archive that was replaced after it was closed is read anew', () => {
  const path = join(folder, 'replaced.tar');
  writeFileSync(path, bytesOf(3));
  const files = new ImageFiles(1e9, 2);
  for (let i = 0; i < 4; i++) files.read({ kind: 'range', path, offset: 2048 * i, length: 1000 });
  files.dispose();
  writeFileSync(path, bytesOf(5));
  const read = files.read({ kind: 'range', path, offset: 8192, length: 1000 });
  expect(read.equals(bytesOf(5).subarray(8192, 9192))).toBe(true);
  files.dispose();
});

test('an archive that ends within an entry is refused by name', () => {
  const path = join(folder, 'short.tar');
  writeFileSync(path, bytesOf(3));
  truncateSync(path, 5000);
  const files = new ImageFiles(1e9, 2);
  for (let i = 0; i < 2; i++) files.read({ kind: 'range', path, offset: 2048 * i, length: 900 });
  expect(() => files.read({ kind: 'range', path, offset: 4096, length: 1000 }, 'cat')).toThrow(
    `cat: ${path} ends 96 bytes too early for this image; restore the archive`,
  );
  files.dispose();
});
