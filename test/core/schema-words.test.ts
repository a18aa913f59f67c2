/** zod's own words are put into ours in one place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { schemaFault } from '../../src/core/index.js';

const src = join(import.meta.dirname, '../../src');
const shared = join('core', 'schema.ts');

it('no file but the shared one shows the message of an issue', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const shows = (file: string) => {
    const text = readFileSync(join(src, file), 'utf8');
    return /\bissues?(\[\d\]|\.at\(\d\))?\??\.message|\bprettifyError|\btreeifyError|\bflattenError/.test(
      text,
    );
  };
  const found = files.filter(shows);
  expect(found).toContain(shared); // the pattern finds what it looks for
  expect(found).toEqual([shared]);
});

it.each([
  [z.object({ a: z.int().min(1) }), { a: 0 }, 'file: a: expected a whole number ≥ 1 but received 0'],
  [z.strictObject({ a: z.int() }), { a: 1, b: 2 }, "file: unknown option 'b'; did you mean 'a'? known are a"],
  [z.array(z.object({ a: z.literal('x') })), [{ a: 'y' }], "file[0].a: expected 'x' but received 'y'"],
  [z.object({ a: z.string() }), {}, 'file: a: expected text but received nothing'],
  [
    z.record(z.string().regex(/^a/, 'expected a name with a'), z.int()),
    { b: 1 },
    "file: expected a name with a but received 'b'",
  ],
  [z.record(z.string().regex(/^a/), z.int()), { b: 1 }, "file: expected another name but received 'b'"],
  [z.record(z.enum(['a']), z.int()), { a: 1 }, undefined],
])('%# is one sentence of ours', (schema, value, sentence) => {
  expect(schemaFault('file', schema, value)).toBe(sentence);
});
