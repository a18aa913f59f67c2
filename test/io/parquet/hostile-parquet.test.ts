/** Parquet files whose metadata and page headers lie: refused soon, in one sentence, without memory for what is not there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileMetaData, PageHeader, SchemaElement } from 'hyparquet/src/types.js';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { describe, expect, it } from 'vitest';
import { openParquet } from '../../../src/io/parquet/parquet.js';
import { endOfStruct } from '../../../src/io/parquet/thrift-guard.js';
import { scratchFolder } from '../make.js';

const folder = scratchFolder();
const cache = join(folder, 'cache');
let files = 0;

interface Lies {
  readonly page?: Partial<PageHeader>;
  readonly data?: Partial<NonNullable<PageHeader['data_page_header']>>;
  readonly body?: Uint8Array;
  readonly chunk?: object;
  readonly group?: object;
  readonly file?: object;
  readonly schema?: SchemaElement[];
  readonly codec?: string;
}

const image = Buffer.from('an image');
const honest = Buffer.concat([Buffer.from(Uint32Array.of(image.length).buffer), image]);

/** One column of one image, but for the lies. */
function parquet({
  page,
  data,
  body = honest,
  chunk,
  group,
  file,
  schema,
  codec = 'UNCOMPRESSED',
}: Lies = {}): string {
  const out = new ByteWriter();
  out.appendUint32(0x31524150);
  writePageHeader(out, {
    type: 'DATA_PAGE',
    uncompressed_page_size: body.length,
    compressed_page_size: body.length,
    data_page_header: {
      num_values: 1,
      encoding: 'PLAIN',
      definition_level_encoding: 'RLE',
      repetition_level_encoding: 'RLE',
      ...data,
    },
    ...page,
  } as PageHeader);
  out.appendBytes(body);
  const meta = {
    type: 'BYTE_ARRAY',
    encodings: ['PLAIN'],
    path_in_schema: ['image'],
    codec,
    num_values: 1n,
    total_uncompressed_size: BigInt(out.offset - 4),
    total_compressed_size: BigInt(out.offset - 4),
    data_page_offset: 4n,
    ...chunk,
  };
  writeMetadata(out, {
    version: 2,
    created_by: 'test',
    schema: schema ?? [
      { name: 'root', num_children: 1 },
      { name: 'image', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
    ],
    num_rows: 1n,
    row_groups: [
      { columns: [{ file_offset: 4n, meta_data: meta }], total_byte_size: 1n, num_rows: 1n, ...group },
    ],
    ...file,
  } as unknown as FileMetaData);
  out.appendUint32(0x31524150);
  return write(out.getBytes());
}

function write(bytes: Uint8Array): string {
  const path = join(folder, `lie-${files++}.parquet`);
  writeFileSync(path, bytes);
  return path;
}

/** A footer of these bytes, its length as it is. */
function footer(bytes: Uint8Array): string {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(bytes.length);
  end.write('PAR1', 4);
  return write(Buffer.concat([Buffer.from('PAR1'), bytes, end]));
}

const open = (path: string) => openParquet(path, { label: false, cache });
/** Header of a run of so many equal values. */
const run = (count: number) => {
  const bytes: number[] = [];
  for (let left = count * 2; ; left = Math.floor(left / 128)) {
    bytes.push((left % 128) | (left >= 128 ? 128 : 0));
    if (left < 128) return Buffer.from([...bytes, 0]);
  }
};
const nullable: SchemaElement[] = [
  { name: 'root', num_children: 1 },
  { name: 'image', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
];
const levels = (bytes: Buffer) => Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);

describe('a Parquet file that lies', () => {
  it('reads the honest one', async () => {
    expect((await open(parquet())).item(0).image).toMatchObject({ kind: 'range', length: 8 });
  });

  it.each<[string, () => string, string]>([
    [
      'billions of rows',
      () => parquet({ file: { num_rows: 2n ** 33n }, group: { num_rows: 2n ** 33n } }),
      'it states 8589934592 rows in',
    ],
    [
      'other rows than its groups',
      () => parquet({ file: { num_rows: 5n } }),
      'its row groups have 1 rows, but it states 5',
    ],
    [
      'a row group of other rows',
      () => parquet({ file: { num_rows: 9n }, group: { num_rows: 9n } }),
      'a column of it has 1 of the 9 rows',
    ],
    [
      'a page of billions',
      () => parquet({ page: { uncompressed_page_size: 2 ** 31 - 1 }, codec: 'SNAPPY' }),
      'a page of it states 12 bytes that unpack to 2147483647',
    ],
    [
      'a page of less than nothing',
      () => parquet({ page: { compressed_page_size: -5 } }),
      'a page of it states -5 bytes',
    ],
    [
      'a page beyond its column',
      () => parquet({ page: { compressed_page_size: 1000 } }),
      'a page of it states 1000 bytes',
    ],
    [
      'a column beyond the file',
      () => parquet({ chunk: { total_compressed_size: 2n ** 50n } }),
      'it states bytes that it does not have',
    ],
    [
      'a column before the file',
      () => parquet({ chunk: { data_page_offset: -4n } }),
      'it states bytes that it does not have',
    ],
    [
      'more values than the page has',
      () => parquet({ data: { num_values: 2 ** 30 }, chunk: { num_values: 2n ** 30n } }),
      'a page of it states 1073741824 values',
    ],
    [
      'values that end too early',
      () => parquet({ data: { num_values: 3 }, chunk: { num_values: 3n } }),
      'a page of it ends before its last value',
    ],
    [
      'an image longer than the page',
      () => parquet({ body: Buffer.from([0xff, 0xff, 0xff, 0x7f, 1]) }),
      'a page of it ends before its last value',
    ],
    [
      'bytes behind the last value',
      () => parquet({ body: Buffer.concat([honest, Buffer.alloc(3)]) }),
      'a page of it has 3 bytes behind its last value',
    ],
    [
      'a run of billions',
      () =>
        parquet({
          schema: nullable,
          body: levels(run(2 ** 30)),
          data: { num_values: 2 ** 24 },
          chunk: { num_values: 2n ** 24n },
        }),
      'a column of it has more rows than its row group',
    ],
    [
      'levels that end too early',
      () => parquet({ schema: nullable, body: levels(Buffer.from([3])) }),
      'its levels or indices end too early',
    ],
    [
      'a dictionary that is not there',
      () => parquet({ data: { encoding: 'RLE_DICTIONARY' } }),
      'a page of it lacks its dictionary',
    ],
    [
      'zstd of another size',
      () => parquet({ codec: 'ZSTD', body: Buffer.from('28b52ffda0ffffff7f010000', 'hex') }),
      'a page has 2147483647 bytes where its header states 12',
    ],
    ['zstd that is none', () => parquet({ codec: 'ZSTD' }), 'its zstd is damaged'],
    ['gzip that is none', () => parquet({ codec: 'GZIP' }), 'incorrect header check'],
    ['an unknown compression', () => parquet({ codec: 'LZO' }), 'its compression LZO cannot be read'],
    [
      'a field that counts fields that are not there',
      // Version 2, a schema of the field 'r' with 2^30 fields, no rows and no row groups.
      () => footer(Buffer.from('1504191c480172158080808008001600190c00', 'hex')),
      'its schema lacks fields that it counts',
    ],
    [
      'a schema that is a ladder',
      () =>
        parquet({
          schema: [
            ...Array.from({ length: 5000 }, () => ({ name: 'a', num_children: 1 })),
            { name: 'image', type: 'BYTE_ARRAY' as const },
          ],
        }),
      'its schema is nested too deep',
    ],
    [
      'a column elsewhere',
      () => parquet({ chunk: { path_in_schema: ['other'] } }),
      "its column 'other' is not where the schema has it",
    ],
    [
      'metadata longer than the file',
      () =>
        write(Buffer.concat([Buffer.from('PAR1'), Buffer.from([255, 255, 255, 127]), Buffer.from('PAR1')])),
      'its metadata are longer than the file',
    ],
    [
      'metadata of lists of billions',
      () => footer(Buffer.from([0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0])),
      'it ends inside a value',
    ],
    [
      'metadata of an endless number',
      () => footer(Buffer.alloc(4 << 20, 0x96)),
      'a number of it has too many bytes',
    ],
    ['metadata of structs in structs', () => footer(Buffer.alloc(1 << 20, 0x1c)), 'it is nested too deep'],
    ['metadata of nothing', () => footer(Buffer.from([0])), 'its metadata are damaged'],
    ['an encrypted footer', () => write(Buffer.from('PARE--------PARE')), 'it is encrypted'],
  ])('%s', async (_, make, reason) => {
    const path = make();
    const start = process.cpuUsage().user;
    const failure = (await open(path).catch((error) => error)) as Error;
    const seconds = (process.cpuUsage().user - start) / 1e6;
    expect(failure.message).toContain(reason);
    expect(failure.message).toMatch(/^parquet: no usable sample in lie-\d+\.parquet; .*; check the file$/);
    expect(seconds).toBeLessThan(10);
  });
});

it('a million rows without an image are listed up to a number, and counted', async () => {
  const count = 1_000_000;
  const path = parquet({
    schema: nullable,
    body: levels(run(count)),
    data: { num_values: count },
    chunk: { num_values: BigInt(count) },
    group: { num_rows: BigInt(count) },
    file: { num_rows: BigInt(count) },
  });
  const failure = (await open(path).catch((error) => error)) as Error;
  expect(failure.message).toContain('the first of 100001 problems: ');
  expect(failure.message).toContain('it holds no image; put its bytes into the file');
});

describe('endOfStruct()', () => {
  it('finds the end of a struct of all kinds of fields', () => {
    const out = new ByteWriter();
    writePageHeader(out, {
      type: 'DATA_PAGE',
      uncompressed_page_size: 7,
      compressed_page_size: 300,
      data_page_header: {
        num_values: 1,
        encoding: 'PLAIN',
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
    });
    const bytes = Buffer.concat([out.getBytes(), Buffer.from('more')]);
    expect(endOfStruct(bytes)).toBe(out.offset);
    for (let cut = 0; cut < out.offset; cut++)
      expect(() => endOfStruct(bytes.subarray(0, cut))).toThrow('it ends inside a value');
  });
});
