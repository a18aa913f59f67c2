/** Entries of a tar archive as bytes: ustar, and a pax record for a name of more than 100 bytes. No time, user or machine. */
import { show, UsageError } from '../../core/index.js';
import { hostileName } from './tar.js';
import { BLOCK } from './tar-header.js';

/** ustar has eleven octal digits for a size. */
const MAX_SIZE = 8 ** 11 - 1;

/** What stands behind the last entry. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/**
 * Writes a file's header, its bytes and the rest of its last block.
 *
 * @throws UsageError for a name that leaves the archive's folder and for more than 8 GiB, before anything is written
 */
export function writeTarEntry(
  sink: { write(bytes: Uint8Array): void },
  name: string,
  data: Uint8Array | string,
): void {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  const hostile = hostileName(name);
  if (hostile) throw new UsageError(`tar: entry ${show(name)}: ${hostile}`);
  if (bytes.length > MAX_SIZE)
    throw new UsageError(`tar: entry ${show(name)} is larger than 8 GiB; split it`);
  const put = (entry: string, type: string, content: Uint8Array) => {
    sink.write(header(entry, type, content.length));
    sink.write(content);
    sink.write(Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK));
  };
  if (Buffer.byteLength(name) > 100) put('pax', 'x', Buffer.from(paxRecord('path', name)));
  put(name, '0', bytes);
}

function header(name: string, type: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(Buffer.from(name).subarray(0, 100).toString('latin1'), 0, 'latin1');
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1');
  block.write(`${octal(size, 11)}\0${octal(0, 11)}\0`, 124, 'latin1');
  block.write(`        ${type}`, 148, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

/** A record counts its own length, digits included. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const size = Buffer.byteLength(rest);
  let length = size + String(size).length;
  length = size + String(length).length;
  return `${length}${rest}`;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
