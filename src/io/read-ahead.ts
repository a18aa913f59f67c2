/**
 * Small entries of an archive that are read one after another, many at a time: a system call costs as much as a
 * twentieth of decoding an image of 32 pixels, and its cost hardly depends on how much is read.
 */
import { readSync } from 'node:fs';

/** Entries beyond this size are read alone. */
const SMALL = 32 << 10;
/** Bytes between two entries that still follow each other: headers and a label. */
const GAP = 8 << 10;
/** Bytes read at once: doubled while entries follow each other, since a worker may be given only a few of them. */
const FIRST = 32 << 10;
const MOST = 256 << 10;

export class ReadAhead {
  private buffer: Buffer = Buffer.alloc(0);
  private path = '';
  /** Where the last entry ended. */
  private end = 0;
  /** What the buffer holds of the archive. */
  private start = 0;
  private length = 0;
  private window = FIRST;

  /** The bytes [offset, offset + length), valid until the next call; undefined where they must be read alone. */
  read(fd: number, path: string, offset: number, length: number): Buffer | undefined {
    const gap = offset - this.end;
    const follows = path === this.path && gap >= 0 && gap <= GAP;
    if (path !== this.path) this.forget();
    this.path = path;
    this.end = offset + length;
    const at = offset - this.start;
    if (at >= 0 && at + length <= this.length) return this.buffer.subarray(at, at + length);
    if (!follows || length > SMALL) {
      this.window = FIRST;
      return undefined;
    }
    if (this.buffer.length === 0) this.buffer = Buffer.allocUnsafeSlow(MOST);
    this.length = 0; // where reading fails, nothing is held
    this.length = readSync(fd, this.buffer, 0, this.window, offset);
    this.start = offset;
    this.window = Math.min(MOST, 2 * this.window);
    return length <= this.length ? this.buffer.subarray(0, length) : undefined;
  }

  /** Whether these bytes will be overwritten. */
  holds(bytes: Buffer): boolean {
    return bytes.buffer === this.buffer.buffer;
  }

  /** An archive was closed: another one may stand there when it is opened again. */
  forget(): void {
    this.path = '';
    this.length = 0;
    this.window = FIRST;
  }
}
