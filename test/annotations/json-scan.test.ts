import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Element, scanJson } from '../../src/io/annotations/json-scan.js';
import { scratchFolder } from '../io/make.js';

const folder = scratchFolder();
const file = join(folder, 'a.json');

test('elements of any JSON, whatever its spaces, with their places in the file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 6 }),
      fc.jsonValue(),
      fc.constantFrom(0, 1, '\t'),
      async (list, other, space) => {
        const text = JSON.stringify({ 'a"{[': other, list, z: [other, [other]] }, null, space);
        writeFileSync(file, text);
        const found: Element[] = [];
        expect(await scanJson(file, { lists: { list: (element) => found.push(element) } })).toEqual([
          'a"{[',
          'z',
        ]);
        expect(found.map(({ value }) => value)).toEqual(JSON.parse(text).list);
        const bytes = Buffer.from(text);
        for (const { value, offset, length } of found)
          expect(JSON.parse(bytes.toString('utf8', offset, offset + length))).toEqual(value);
      },
    ),
    { numRuns: 200, seed: 17 },
  );
});

test('elements across the pieces in which a file is read, and one larger than a piece', async () => {
  const list = Array.from({ length: 3000 }, (_, i) => ({ i, text: `\\"é${'x'.repeat((i * 7919) % 2000)}` }));
  list[1500] = { i: 1500, text: '{"]\\'.repeat(1_000_000) };
  writeFileSync(file, JSON.stringify({ list }));
  let count = 0;
  const take = ({ value }: Element) => {
    if (JSON.stringify(value) !== JSON.stringify(list[count])) throw new Error(`element ${count} differs`);
    count++;
  };
  await scanJson(file, { lists: { list: take } });
  expect(count).toBe(3000);
  await expect(scanJson(file, { lists: { list: () => {} }, maxElement: 3 << 20 })).rejects.toThrow(
    'one of its values has more than 3145728 bytes; split it',
  );
});
