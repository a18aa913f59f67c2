/**
 * Walks the headers of a tar archive (ustar, GNU and star, pax, version 7) without reading its data. It gives what GNU
 * tar lists as a plain file, and reports whatever else stands in the archive but folders and labels.
 *
 * An archive is untrusted input: names that leave it, links and devices are refused one by one, and a truncated or
 * damaged archive gives what stands before the damage.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { RxaugError } from '../../core/index.js';
import { codeOf } from '../problems.js';
import { BLOCK, isZero, readHeader, type TarHeader, textOf } from './tar-header.js';
import { type Pax, readPax } from './tar-pax.js';

/** Bytes read at once while entries are small, and while they are large and only headers are read. */
const WIDE = 1 << 20;
const NARROW = 4 << 10;
/** Entries from this size on are jumped over. */
const LARGE = 64 << 10;
/** Long names and extended headers beyond this are no names. */
const MAX_EXTENSION = 1 << 20;
/** Bytes behind the end mark that are looked at. */
const MAX_AFTER = 256 << 20;
/** Opening a pipe that no one writes to must not wait forever. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export interface TarEntry {
  readonly name: string;
  /** Where its data begin in the archive. */
  readonly offset: number;
  readonly size: number;
}

/** Called with every entry that is refused; `name` is undefined where the archive itself is at fault. */
export type TarProblem = (name: string | undefined, reason: string) => void;

/** Records before an entry that extend its header. */
interface Before {
  readonly longName?: string;
  readonly pax: Pax;
  /** Why the entry cannot be trusted. */
  readonly fault?: string;
}

const NOTHING: Before = { pax: {} };

export class TarReader {
  private readonly fd: number;
  readonly size: number;
  private readonly window = Buffer.allocUnsafeSlow(WIDE);
  private windowStart = 0;
  private windowLength = 0;
  private large = false;

  constructor(readonly path: string) {
    this.fd = openSync(path, READ);
    const found = fstatSync(this.fd);
    this.size = found.size;
    if (found.isFile()) return;
    closeSync(this.fd);
    throw new RxaugError(`${path}: expected a file but found a folder, a pipe or a device; give a tar file`);
  }

  /** Regular files in the order of the archive. Folders are passed over in silence. */
  *entries(problem: TarProblem): Generator<TarEntry> {
    const packed = compression(this.at(0, Math.min(8, this.size)));
    if (packed) return problem(undefined, packed);
    let at = 0;
    let before = NOTHING;
    let global: Pax = {};
    for (;;) {
      if (at + BLOCK > this.size) {
        const reason = at === this.size ? 'it has no end mark' : 'it is cut short inside a header';
        return problem(undefined, `${reason}, so entries may be missing; download or write it again`);
      }
      const block = this.at(at, BLOCK);
      if (isZero(block)) {
        const after = this.afterEnd(at + BLOCK);
        return after && problem(undefined, after);
      }
      const header = readHeader(block);
      if (!header) {
        return problem(
          undefined,
          `${at === 0 ? 'it is not a tar archive' : `its header at byte ${at} is damaged, so the entries after it are lost`}; download or write it again`,
        );
      }
      const { type } = header;
      const about = EXTENSIONS.has(type);
      const pax = about ? {} : { ...global, ...before.pax };
      const name = plain(pax.sparseName ?? pax.path ?? before.longName ?? header.name);
      const offset = this.dataOf(header, at + BLOCK);
      const size = pax.size ?? header.size;
      const empty = NO_DATA.has(type) || (FILES.has(type) && name.endsWith('/'));
      if (!empty && !(Number.isSafeInteger(size) && size >= 0)) {
        return problem(
          name,
          'its size is not a number, so the entries after it are lost; write the archive again',
        );
      }
      if (!empty && offset + size > this.size) {
        return problem(name, 'the archive is cut short inside it; download or write the archive again');
      }
      at = empty ? this.behind(offset, size) : offset + padded(size);
      if (about) {
        if (size > MAX_EXTENSION) {
          before = { ...before, fault: `the record of ${size} bytes before it is too long for a name` };
        } else if (type === 'L') before = { ...before, longName: textOf(this.at(offset, size)) };
        else if (type === 'x' || type === 'X') {
          const { fault, ...records } = readPax(this.at(offset, size));
          before = { ...before, pax: { ...before.pax, ...records }, fault: before.fault ?? fault };
        } else if (type === 'g') {
          const { fault, part, ...records } = readPax(this.at(offset, size));
          global = { ...global, ...records };
          before = { ...before, pax: { ...before.pax, part } };
          if (fault) problem(undefined, `${GLOBAL_FAULT}; write the archive again`);
        }
        continue;
      }
      const { fault } = before;
      before = NOTHING;
      const hostile = hostileName(name);
      if (hostile) problem(name, hostile);
      else if (fault) problem(name, `${fault}; write the archive again`);
      else if (pax.sparse || REFUSED[type] || pax.part) {
        const what = pax.sparse ? SPARSE : (REFUSED[type] ?? PART);
        problem(name, `it is ${what}, not a plain file; store the file itself`);
      } else if (empty && at > offset) {
        problem(name, `it is a folder that holds ${size} bytes, which are left out; write the archive again`);
      } else if (SILENT.has(type) || empty) continue;
      else if (FILES.has(type)) {
        this.large = size >= LARGE;
        yield { name, offset, size };
      } else problem(name, `its entry type ${JSON.stringify(type)} is unknown; write it as a plain file`);
    }
  }

  /** Where the data of an entry begin: behind its header, and behind the map of a sparse file. */
  private dataOf({ type, extended }: TarHeader, start: number): number {
    if (type !== 'S') return start;
    let at = start;
    for (let more = extended; more && at + BLOCK <= this.size; at += BLOCK)
      more = this.at(at, BLOCK)[504] !== 0;
    return at;
  }

  /**
   * Where the next header stands behind an entry of a type that has no data. Its size may be anything: writers note
   * the size of what a link leads to, or the room of a folder. Some do store data, so where no header follows and one
   * stands behind so many bytes, these are skipped.
   */
  private behind(offset: number, size: number): number {
    const next = offset + padded(size);
    const holds = size > 0 && next <= this.size && !this.isHeader(offset);
    return holds && (next === this.size || this.isHeader(next)) ? next : offset;
  }

  private isHeader(at: number): boolean {
    if (at + BLOCK > this.size) return false;
    const block = this.at(at, BLOCK);
    return isZero(block) || readHeader(block) !== undefined;
  }

  /** What stands behind the end mark and would be lost without a word, or an empty string. */
  private afterEnd(from: number): string {
    const end = Math.min(this.size, from + MAX_AFTER);
    for (let at = from; at < end; at += WIDE) {
      const bytes = this.at(at, Math.min(WIDE, end - at));
      if (bytes.equals(Buffer.alloc(bytes.length))) continue;
      const first = bytes.findIndex((byte) => byte !== 0);
      const place = at + first - (first % BLOCK);
      return place + BLOCK <= this.size && this.isHeader(place)
        ? `more entries stand behind its end mark, from byte ${place} on, and are left out; join archives with tar --concatenate`
        : `${this.size - place} bytes stand behind its end mark and are left out; write the archive again`;
    }
    return end < this.size
      ? `${this.size - end} bytes far behind its end mark are left out; write the archive again`
      : '';
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
    const target = Math.min(Math.max(length, this.large ? NARROW : WIDE), this.size - offset, WIDE);
    let done = 0;
    while (done < target) {
      const n = readSync(this.fd, this.window, done, target - done, offset + done);
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

/** Types of records about the next entry, or about all: long names, pax, Solaris. */
const EXTENSIONS: ReadonlySet<string> = new Set(['L', 'K', 'x', 'X', 'g']);
const FILES: ReadonlySet<string> = new Set(['0', '\0', '7']);
/** Links, devices, folders, pipes, bare inodes: no data follow, whatever the size is. */
const NO_DATA: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6', 'I']);
/** Folders, lists of their names, and the label of the archive: nothing is lost with them. */
const SILENT: ReadonlySet<string> = new Set(['5', 'D', 'V']);

const GLOBAL_FAULT = 'a global extended header of it is damaged, so names and sizes may be wrong';
const SPARSE = 'a sparse file';
const PART = 'a part of a file that began in another archive';
const REFUSED: Readonly<Record<string, string>> = {
  1: 'a hard link',
  2: 'a symbolic link',
  3: 'a device',
  4: 'a device',
  6: 'a pipe',
  I: 'an inode without its data',
  M: PART,
  N: 'a list of long names in the form of old GNU tar',
  S: SPARSE,
};

const plain = (name: string) => (name.startsWith('./') && name.length > 2 ? name.slice(2) : name);

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/** What the first bytes show of a file that is no archive yet. */
function compression(start: Buffer): string | undefined {
  const hex = start.toString('hex');
  const found = Object.entries(PACKED).find(([magic]) => hex.startsWith(magic));
  return found && `it is compressed with ${found[1]}; unpack it first, since random access needs a plain tar`;
}

const PACKED: Readonly<Record<string, string>> = {
  '1f8b': 'gzip',
  '425a68': 'bzip2',
  fd377a585a00: 'xz',
  '28b52ffd': 'zstd',
  '504b0304': 'zip',
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
