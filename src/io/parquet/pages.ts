/** The pages of a column, one after another: the memory for one is in proportion to the bytes of the file that it has. */
import type { ColumnMetaData, PageHeader } from 'hyparquet/src/types.js';
import { crc32 } from '../crc.js';
import { decompress } from './decompress.js';
import { readRuns, widthOf } from './levels.js';
import type { ParquetFile } from './parquet-file.js';
import type { Leaf } from './schema.js';
import { endOfStruct, ThriftFault } from './thrift-guard.js';
import { deltaValues, dictionaryValues, plainValues, runValues, type Values } from './values.js';

/** Most headers have some 40 bytes; statistics of long values may stand in one. */
const HEADER = 16 << 10;
const LARGEST_HEADER = 16 << 20;
/** A page holds one value at least: an image. */
const LARGEST_PAGE = 1 << 30;
const MOST_TIMES = 1000;
const FREE_BYTES = 16 << 20;
/** Values of a page, missing ones counted. Equal ones take next to no bytes. */
const MOST_VALUES = 1 << 24;

export interface Page {
  /** Of all values, missing ones too; undefined where the column has no lists. */
  readonly repetition?: Uint8Array;
  /** Of all values; undefined where none can be missing. */
  readonly definition?: Uint8Array;
  /** Values and missing ones. */
  readonly count: number;
  readonly values: Values;
  /** Values come from a dictionary, so that equal ones are one. */
  readonly shared: boolean;
  /** Where the bytes of `values` begin in the file, if they stand there as they are. */
  readonly base?: { readonly bytes: Uint8Array; readonly offset: number };
}

/** Throws an Error with a clause for what cannot be read. */
export function* pagesOf(file: ParquetFile, leaf: Leaf, meta: ColumnMetaData): Generator<Page> {
  const first = Number(meta.data_page_offset);
  const dictionaryAt = Number(meta.dictionary_page_offset ?? 0);
  let at = dictionaryAt > 0 ? Math.min(first, dictionaryAt) : first;
  const end = at + Number(meta.total_compressed_size);
  if (!(at >= 4 && end >= at && end <= file.size))
    throw new Error('it states bytes that it does not have; it may be cut short');
  const total = Number(meta.num_values);
  let seen = 0;
  let dictionary: Values | undefined;
  while (seen < total) {
    if (at >= end) throw new Error(`it has ${seen} values where ${total} are stated`);
    const { header, length } = readHeader(file, at, end);
    at += length;
    const { compressed_page_size: packed, uncompressed_page_size: size } = header;
    if (!Number.isInteger(packed) || !Number.isInteger(size))
      throw new Error('a page header of it is damaged (it states no sizes)');
    const most = Math.min(LARGEST_PAGE, Math.max(FREE_BYTES, MOST_TIMES * packed));
    if (!(packed >= 0 && at + packed <= end && size >= 0 && size <= most))
      throw new Error(`a page of it states ${packed} bytes that unpack to ${size}`);
    const offset = at;
    at += packed;
    if (header.type === 'INDEX_PAGE') continue;
    const bytes = file.at(offset, packed);
    if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0)
      throw new Error('a page of it is damaged: its checksum does not hold');
    if (header.type === 'DICTIONARY_PAGE') {
      const { num_values: count = -1, encoding = 'PLAIN' } = header.dictionary_page_header ?? {};
      checkCount(count);
      if (encoding !== 'PLAIN' && encoding !== 'PLAIN_DICTIONARY')
        throw new Error(`its dictionary in the encoding ${encoding} cannot be read`);
      const all = decompress(bytes, size, meta.codec, file.codecs);
      dictionary = plainValues(all, meta.type, count, leaf.element.type_length);
      continue;
    }
    const page =
      header.type === 'DATA_PAGE'
        ? firstVersion(file, leaf, meta, header, bytes, dictionary, offset)
        : header.type === 'DATA_PAGE_V2'
          ? secondVersion(file, leaf, meta, header, bytes, dictionary, offset)
          : undefined;
    if (!page) throw new Error(`its pages of the type ${header.type} cannot be read`);
    seen += page.count;
    if (seen > total) throw new Error(`it has more values than the ${total} that are stated`);
    yield page;
  }
}

function readHeader(file: ParquetFile, at: number, end: number): { header: PageHeader; length: number } {
  for (let room = HEADER; ; room *= 32) {
    const bytes = file.at(at, Math.min(room, end - at));
    try {
      const length = endOfStruct(bytes);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return { header: file.codecs.hyparquet.parquetHeader({ view, offset: 0 }), length };
    } catch (error) {
      if (error instanceof ThriftFault && error.cut && room < end - at && room < LARGEST_HEADER) continue;
      throw new Error(`a page header of it is damaged (${(error as Error).message})`, { cause: error });
    }
  }
}

function checkCount(count: number): void {
  if (!(Number.isInteger(count) && count >= 0 && count <= MOST_VALUES))
    throw new Error(`a page of it states ${count} values`);
}

type Parts = readonly [
  file: ParquetFile,
  leaf: Leaf,
  meta: ColumnMetaData,
  header: PageHeader,
  bytes: Uint8Array,
  dictionary: Values | undefined,
  offset: number,
];

/** Levels and values are compressed together; levels are preceded by their length. */
function firstVersion(...[file, leaf, meta, header, packed, dictionary, offset]: Parts): Page {
  const head = header.data_page_header;
  if (!head) throw new Error('a page of it lacks its header');
  const count = head.num_values;
  checkCount(count);
  const bytes = decompress(packed, header.uncompressed_page_size, meta.codec, file.codecs);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const levels = (largest: number, encoding: string): Uint8Array | undefined => {
    if (largest === 0) return undefined;
    if (encoding !== 'RLE') throw new Error(`its levels in the encoding ${encoding} cannot be read`);
    if (at + 4 > bytes.length) throw new Error('a page of it ends before its levels');
    const length = view.getUint32(at, true);
    const out = levelsOf(bytes.subarray(at + 4, at + 4 + length), largest, count);
    at += 4 + length;
    return out;
  };
  const repetition = levels(leaf.lists.length, head.repetition_level_encoding);
  const definition = levels(leaf.maxDefinition, head.definition_level_encoding);
  if (at > bytes.length) throw new Error('a page of it ends before its values');
  const own = bytes.subarray(at);
  const base = meta.codec === 'UNCOMPRESSED' ? { bytes: own, offset: offset + at } : undefined;
  return pageOf(leaf, meta.type, head.encoding, own, dictionary, { repetition, definition, count, base });
}

/** Levels stand before the values, are not compressed, and their lengths are in the header. */
function secondVersion(...[file, leaf, meta, header, bytes, dictionary, offset]: Parts): Page {
  const head = header.data_page_header_v2;
  if (!head) throw new Error('a page of it lacks its header');
  const count = head.num_values;
  checkCount(count);
  const [repeated, defined] = [head.repetition_levels_byte_length, head.definition_levels_byte_length];
  const start = repeated + defined;
  const size = header.uncompressed_page_size - start;
  if (!(repeated >= 0 && defined >= 0 && start <= bytes.length && size >= 0))
    throw new Error('a page of it states levels that it does not have');
  const repetition = levelsOf(bytes.subarray(0, repeated), leaf.lists.length, count);
  const definition = levelsOf(bytes.subarray(repeated, start), leaf.maxDefinition, count);
  const plain = meta.codec === 'UNCOMPRESSED' || head.is_compressed === false;
  const own = decompress(bytes.subarray(start), size, plain ? 'UNCOMPRESSED' : meta.codec, file.codecs);
  const base = plain ? { bytes: own, offset: offset + start } : undefined;
  return pageOf(leaf, meta.type, head.encoding, own, dictionary, { repetition, definition, count, base });
}

function levelsOf(bytes: Uint8Array, largest: number, count: number): Uint8Array | undefined {
  if (largest === 0) return undefined;
  const out = new Uint8Array(count);
  readRuns(bytes, widthOf(largest), out);
  for (const level of out) if (level > largest) throw new Error('a level of it is too high');
  return out;
}

function pageOf(
  leaf: Leaf,
  type: string,
  encoding: string,
  bytes: Uint8Array,
  dictionary: Values | undefined,
  levels: {
    repetition: Uint8Array | undefined;
    definition: Uint8Array | undefined;
    count: number;
    base: Page['base'];
  },
): Page {
  const { repetition, definition, count, base } = levels;
  let present = count;
  if (definition) {
    present = 0;
    for (const level of definition) if (level === leaf.maxDefinition) present++;
  }
  const plain = encoding === 'PLAIN';
  return {
    ...(repetition && { repetition }),
    ...(definition && { definition }),
    count,
    shared: encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY',
    values: valuesOf(leaf, type, encoding, bytes, present, dictionary),
    ...(base && plain && { base }),
  };
}

function valuesOf(
  leaf: Leaf,
  type: string,
  encoding: string,
  bytes: Uint8Array,
  count: number,
  dictionary: Values | undefined,
): Values {
  if (encoding === 'PLAIN') return plainValues(bytes, type, count, leaf.element.type_length);
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY')
    return dictionaryValues(bytes, count, dictionary);
  if (encoding === 'RLE') return runValues(bytes, type, count);
  if (encoding?.startsWith('DELTA_')) return deltaValues(bytes, type, encoding, count);
  throw new Error(`its encoding ${encoding} cannot be read`);
}
