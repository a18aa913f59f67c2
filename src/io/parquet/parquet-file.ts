/** A Parquet file: its bytes by range, and its metadata once they are found to be in proportion. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileMetaData } from 'hyparquet';
import { messageOf, RxaugError } from '../../core/index.js';
import type { Codecs } from './decompress.js';
import { NEEDS_MORE } from './decompress.js';
import { compressors, hyparquet } from './library.js';
import { type Field, fieldsOf } from './schema.js';
import { endOfStruct } from './thrift-guard.js';

const MAGIC = 'PAR1';
/** Of a file with 100,000 row groups. */
const MOST_METADATA = 64 << 20;
/** Rows that a file of any size may have; a larger one has a byte for each, or it lies. */
const FREE_ROWS = 1 << 20;
const MOST_ROWS = 2 ** 31 - 1;
/** Opening a pipe that no one writes to must not wait forever. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export class ParquetFile {
  private constructor(
    readonly path: string,
    private readonly fd: number,
    readonly size: number,
    readonly metadata: FileMetaData,
    readonly fields: readonly Field[],
    readonly codecs: Codecs,
  ) {}

  /** @throws RxaugError for what is no Parquet file, or states what it cannot hold */
  static async open(path: string): Promise<ParquetFile> {
    const library = await hyparquet();
    const fd = openSync(path, READ);
    try {
      const found = fstatSync(fd);
      if (!found.isFile()) throw new Error('it is a folder, a pipe or a device');
      const { size } = found;
      const metadata = readMetadata(fd, size, library.parquetMetadata);
      const fields = fieldsOf(metadata.schema);
      checkRows(metadata, size);
      const needs = metadata.row_groups.some(({ columns }) =>
        columns.some(({ meta_data }) => NEEDS_MORE.has(meta_data?.codec ?? '')),
      );
      const codecs = { hyparquet: library, ...(needs && { more: await compressors() }) };
      return new ParquetFile(path, fd, size, metadata, fields, codecs);
    } catch (error) {
      closeSync(fd);
      if (error instanceof RxaugError) throw error;
      throw new RxaugError(`it is no Parquet file that can be read: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The bytes [offset, offset + length), in memory of their own. */
  at(offset: number, length: number): Uint8Array {
    return readAt(this.fd, this.size, offset, length);
  }

  dispose(): void {
    closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function readAt(fd: number, size: number, offset: number, length: number): Uint8Array {
  if (!(offset >= 0 && length >= 0 && offset + length <= size))
    throw new Error('it states bytes that it does not have; it may be cut short');
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const n = readSync(fd, bytes, done, length - done, offset + done);
    if (n === 0) throw new Error('it became shorter while it was read');
    done += n;
  }
  return bytes;
}

function readMetadata(
  fd: number,
  size: number,
  parse: (bytes: Uint8Array, o: object) => FileMetaData,
): FileMetaData {
  if (size < 12) throw new Error(`it has ${size} bytes`);
  const start = Buffer.from(readAt(fd, size, 0, 4)).toString('latin1');
  const tail = Buffer.from(readAt(fd, size, size - 8, 8));
  const end = tail.toString('latin1', 4);
  if (start === 'PARE' || end === 'PARE') throw new Error('it is encrypted');
  if (start !== MAGIC) throw new Error(`it does not begin with ${MAGIC}`);
  if (end !== MAGIC)
    throw new Error(`it does not end with ${MAGIC}, so it is cut short or still being written`);
  const length = tail.readUInt32LE(0);
  if (length > size - 12) throw new Error('its metadata are longer than the file');
  if (length > MOST_METADATA) throw new Error(`its metadata have ${length} bytes, which are too many`);
  const bytes = readAt(fd, size, size - 8 - length, length + 8);
  endOfStruct(bytes.subarray(0, length));
  try {
    return parse(bytes, { geoparquet: false });
  } catch (error) {
    throw new Error(`its metadata are damaged (${messageOf(error)})`, { cause: error });
  }
}

/** Rows and values that fit into the file, even where equal ones are stored once. */
function checkRows({ num_rows, row_groups }: FileMetaData, size: number): void {
  const most = Math.min(MOST_ROWS, Math.max(FREE_ROWS, size));
  let rows = 0;
  for (const group of row_groups) {
    const own = Number(group.num_rows);
    if (!(own >= 0)) throw new Error('a row group of it has no number of rows');
    rows += own;
  }
  if (rows !== Number(num_rows))
    throw new Error(`its row groups have ${rows} rows, but it states ${num_rows}`);
  if (rows > most) throw new Error(`it states ${rows} rows in ${size} bytes`);
}
