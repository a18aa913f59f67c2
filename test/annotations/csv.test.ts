import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvFault, CsvReader, type CsvRecord } from '../../src/io/annotations/csv.js';

function read(text: string, pieces = [text.length], delimiter = ','): CsvRecord[] {
  const found: CsvRecord[] = [];
  const reader = new CsvReader(delimiter, (record) => found.push(record));
  let at = 0;
  for (const length of pieces) {
    reader.push(text.slice(at, at + length));
    at += length;
  }
  reader.push(text.slice(at));
  reader.end();
  return found;
}
const fieldsOf = (text: string, delimiter?: string) =>
  read(text, undefined, delimiter).map(({ fields }) => fields);

test.each([
  ['', []],
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['a\rb', [['a'], ['b']]],
  [
    '\ufeffa,\n,',
    [
      ['a', ''],
      ['', ''],
    ],
  ],
  ['"a,""b""\nc",d', [['a,"b"\nc', 'd']]],
  ['""', []],
  ['"",', [['', '']]],
  ['a\n\n\nb', [['a'], ['b']]],
  [' a , b ', [[' a ', ' b ']]],
])('%j', (text, records) => {
  expect(fieldsOf(text)).toEqual(records);
});

test('lines are those on which records begin; faults are those of one record', () => {
  const records = read('a\n"x\ny\nz"\nb"c,d\n"e"f\nend');
  expect(records.map(({ line }) => line)).toEqual([1, 2, 5, 6, 7]);
  expect(records.map(({ fault }) => fault)).toEqual([
    undefined,
    undefined,
    'it has a quote within a field that does not begin with one',
    'it has text behind the quote that ends a field',
    undefined,
  ]);
  expect(records[4]?.fields).toEqual(['end']);
  expect(fieldsOf('a;b,c', ';')).toEqual([['a', 'b,c']]);
  expect(() => read('a\n"b\n')).toThrow(CsvFault);
  expect(() => read('a\n"b\n')).toThrow('line 2 begins a quoted field that has no end');
});

test('what is written by RFC 4180 is read, however it is cut into pieces', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '😀'), maxLength: 6 });
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(
      table,
      fc.array(fc.nat(7), { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      (rows, pieces, end) => {
        const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
        const text = rows.map((row) => row.map(quoted).join(',') + end).join('');
        expect(read(text, pieces).map(({ fields }) => fields)).toEqual(rows);
        expect(read(text, pieces).every(({ fault }) => fault === undefined)).toBe(true);
      },
    ),
    { numRuns: 300, seed: 17 },
  );
});
