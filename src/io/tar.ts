/**
 * Walks the headers of a tar archive (ustar, GNU long names, pax paths and sizes) without reading its data.
 *
 * An archive is untrusted input: names that leave it, links and devices are refused one by one, and a
 * truncated or damaged archive gives what stands before the damage.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf } from './problems.js';

const BLOCK = 512;
/** Bytes read at once while entries are small, and while they are large and only headers are wanted. */
const WIDE = 1 << 20;
const NARROW = 4 << 10;
/** Entries from this size on are jumped over. */
const LARGE = 64 << 10;
/** Long names and pax records beyond this are no names. */
const MAX_EXTENSION = 1 << 20;

export interface TarEntry {
  readonly name: string;
  /** Where its data begin in the archive. */
  readonly offset: number;
  readonly size: number;
}

/** Told of every entry that is refused; `name` is undefined where the archive itself is at fault. */
export type TarProblem = (name: string | undefined, reason: string) => void;

export class TarReader {
  private readonly fd: number;
  readonly size: number;
  private readonly window = Buffer.allocUnsafeSlow(WIDE);
  private windowStart = 0;
  private windowLength = 0;
  private large = false;

  constructor(readonly path: string) {
    this.fd = openSync(path, 'r');
    this.size = fstatSync(this.fd).size;
  }

  /** Regular files in the order of the archive. Folders are passed over in silence. */
  *entries(problem: TarProblem): Generator<TarEntry> {
    const start = this.at(0, Math.min(2, this.size));
    if (start[0] === 0x1f && start[1] === 0x8b) {
      return problem(
        undefined,
        'it is compressed with gzip; unpack it first, since random access needs a plain tar',
      );
    }
    let at = 0;
    let longName: string | undefined;
    let pax: Pax = {};
    for (;;) {
      if (at + BLOCK > this.size) {
        const reason = at === this.size ? 'it has no end mark' : 'it is cut short inside a header';
        return problem(undefined, `${reason}, so entries may be missing; download or write it again`);
      }
      const header = this.at(at, BLOCK);
      if (header[0] === 0 && header.every((byte) => byte === 0)) return;
      if (!checksumHolds(header)) {
        return problem(
          undefined,
          `${at === 0 ? 'it is not a tar archive' : `its header at byte ${at} is damaged, so the entries after it are lost`}; download or write it again`,
        );
      }
      const type = String.fromCharCode(header[156] as number);
      let size = number(header, 124, 12);
      if (pax.size !== undefined && type !== 'x' && type !== 'g') size = pax.size;
      const offset = at + BLOCK;
      const name = longName ?? pax.path ?? headerName(header);
      if (!Number.isSafeInteger(size) || size < 0) {
        return problem(
          name,
          'its size is not a number, so the entries after it are lost; write the archive again',
        );
      }
      if (offset + size > this.size) {
        return problem(name, 'the archive is cut short inside it; download or write the archive again');
      }
      at = offset + Math.ceil(size / BLOCK) * BLOCK;
      if (type === 'L' || type === 'x') {
        if (size > MAX_EXTENSION)
          problem(name, `its name record of ${size} bytes is too long; write the archive again`);
        else if (type === 'L') longName = cString(this.at(offset, size));
        else pax = { ...pax, ...readPax(this.at(offset, size)) };
        continue;
      }
      if (type === 'g' || type === 'K') continue;
      longName = undefined;
      pax = {};
      const refusal = REFUSED[type];
      const hostile = hostileName(name);
      if (hostile) problem(name, hostile);
      else if (refusal) problem(name, `it is ${refusal}, not a file; store the file itself`);
      else if (type === '0' || type === '\0' || type === '7') {
        this.large = size >= LARGE;
        yield { name: name.startsWith('./') ? name.slice(2) : name, offset, size };
      } else if (type !== '5')
        problem(name, `its entry type ${JSON.stringify(type)} is unknown; write it as a plain file`);
    }
  }

  /** The bytes [offset, offset + length), valid until the next read. */
  at(offset: number, length: number): Buffer {
    if (offset < this.windowStart || offset + length > this.windowStart + this.windowLength) {
      this.fill(offset, length);
    }
    const start = offset - this.windowStart;
    return this.window.subarray(start, start + length);
  }

  private fill(offset: number, length: number): void {
    const wanted = Math.min(Math.max(length, this.large ? NARROW : WIDE), this.size - offset, WIDE);
    let done = 0;
    while (done < wanted) {
      const n = readSync(this.fd, this.window, done, wanted - done, offset + done);
      if (n === 0) break;
      done += n;
    }
    if (done < length) throw new Error(`${this.path} became shorter while it was read`);
    this.windowStart = offset;
    this.windowLength = done;
  }

  dispose(): void {
    try {
      closeSync(this.fd);
    } catch (error) {
      if (codeOf(error) !== 'EBADF') throw error;
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const REFUSED: Record<string, string> = {
  1: 'a hard link',
  2: 'a symbolic link',
  3: 'a device',
  4: 'a device',
  6: 'a pipe',
  S: 'a sparse file',
  M: 'a part of a file that began in another archive',
};

/** Why a name must not be followed, or an empty string. */
export function hostileName(name: string): string {
  if (name === '') return 'its name is empty; name the entry';
  if (name.includes('\0')) return 'its name holds a zero byte; rename the entry';
  if (/^([/\\]|[A-Za-z]:[/\\])/.test(name))
    return 'its name is absolute; store names relative to the archive';
  if (name.split(/[/\\]/).includes('..')) return "its name leaves the archive ('..'); rename the entry";
  return '';
}

function headerName(header: Buffer): string {
  const name = cString(header.subarray(0, 100));
  const ustar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = ustar && header[345] !== 0 ? cString(header.subarray(345, 500)) : '';
  return prefix ? `${prefix}/${name}` : name;
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

/** Octal digits, or base 256 where the first bit is set (GNU). */
function number(header: Buffer, at: number, length: number): number {
  let value = 0;
  if ((header[at] as number) & 0x80) {
    if (header[at] !== 0x80) return Number.NaN;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + (header[i] as number);
    return value;
  }
  let i = at;
  while (i < at + length && header[i] === 0x20) i++;
  for (; i < at + length; i++) {
    const digit = (header[i] as number) - 48;
    if (digit < 0 || digit > 7) return header[i] === 0 || header[i] === 0x20 ? value : Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

/** The sum of the header's bytes, its own field taken as spaces; some writers summed signed bytes. */
function checksumHolds(header: Buffer): boolean {
  let sum = 8 * 32;
  let signed = sum;
  for (let i = 0; i < BLOCK; i++) {
    if (i === 148) i = 156;
    const byte = header[i] as number;
    sum += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stated = number(header, 148, 8);
  return stated === sum || stated === signed;
}

interface Pax {
  path?: string;
  size?: number;
}

/** Records of the form `LENGTH KEY=VALUE\n`. */
function readPax(bytes: Buffer): Pax {
  const pax: Pax = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(bytes.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    if (record.startsWith('path=')) pax.path = value;
    else if (record.startsWith('size=') && /^\d+$/.test(value)) pax.size = Number(value);
    at += length;
  }
  return pax;
}
