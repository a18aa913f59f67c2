/**
 * Bytes of encoded images, read without promises and, for small images, without allocating: archives stay
 * open (the least recently used closes first) and one buffer serves all reads.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type ImageRef, messageOf } from '../core/index.js';
import { badSample, codeOf, nameOf } from './problems.js';
import { ReadAhead } from './read-ahead.js';

/** Node reads no more at once. */
export const MOST_BYTES = 2 ** 31 - 1;

/** Reads up to this size share one buffer; larger ones get a buffer of their own that is not kept. */
const KEPT = 4 << 20;

/** Opening a pipe without a writer must not block forever. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export class ImageFiles {
  private readonly open = new Map<string, number>();
  private buffer: Buffer = Buffer.allocUnsafeSlow(64 << 10);
  private readonly ahead = new ReadAhead();
  private lastPath = '';
  private lastFd = -1;

  constructor(
    private readonly maxBytes: number,
    private readonly maxOpen: number,
  ) {}

  /** The encoded bytes. They may be in the shared buffer: valid until the next read. */
  read(ref: Exclude<ImageRef, { kind: 'pixels' }>, name?: string): Buffer {
    if (ref.kind === 'raw') return this.range(ref.path, ref.offset, rawBytes(ref), name ?? nameOf(ref));
    if (ref.kind === 'range') return this.range(ref.path, ref.offset, ref.length, name ?? nameOf(ref));
    if (ref.kind === 'file') return this.whole(ref.path, name ?? ref.path);
    const { bytes } = ref;
    this.check(bytes.length, name ?? nameOf(ref));
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when these bytes will be overwritten by the next read. */
  shared(bytes: Buffer): boolean {
    return bytes.buffer === this.buffer.buffer || this.ahead.holds(bytes);
  }

  private range(path: string, offset: number, length: number, name: string): Buffer {
    this.check(length, name);
    let target: Buffer;
    let done = 0;
    try {
      const fd = path === this.lastPath ? this.lastFd : this.descriptor(path);
      const held = this.ahead.read(fd, path, offset, length);
      if (held) return held;
      target = this.room(length);
      while (done < length) {
        const n = readSync(fd, target, done, length - done, offset + done);
        if (n === 0) break;
        done += n;
      }
    } catch (error) {
      throw badSample(name, unreadable(error, path), error);
    }
    if (done < length) {
      throw badSample(
        name,
        `${path} ends ${length - done} bytes too early for this image; restore the archive`,
      );
    }
    return target.subarray(0, length);
  }

  /** The bytes from a place of a file on, as many as the target holds; without a buffer between where they are many. */
  readInto(path: string, offset: number, target: Uint8Array, name: string): void {
    try {
      const fd = path === this.lastPath ? this.lastFd : this.descriptor(path);
      const held = this.ahead.read(fd, path, offset, target.length);
      if (held) {
        target.set(held);
        return;
      }
      let done = 0;
      while (done < target.length) {
        const n = readSync(fd, target, done, target.length - done, offset + done);
        if (n === 0) break;
        done += n;
      }
      if (done === target.length) return;
      throw badSample(
        name,
        `${path} ends ${target.length - done} bytes too early for this image; restore it`,
      );
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      throw badSample(name, unreadable(error, path), error);
    }
  }

  private whole(path: string, name: string): Buffer {
    let fd: number | undefined;
    try {
      fd = openSync(path, READ);
      let target: Buffer = this.buffer;
      let done = 0;
      for (;;) {
        if (done === target.length) {
          const { size } = fstatSync(fd);
          this.check(Math.max(size, done), name);
          const grown = this.room(Math.max(size + 1, 2 * done));
          if (grown !== target) target.copy(grown, 0, 0, done);
          target = grown;
        }
        const n = readSync(fd, target, done, target.length - done, done);
        if (n === 0) break;
        done += n;
      }
      this.check(done, name);
      return target.subarray(0, done);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      throw badSample(name, unreadable(error, path), error);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  private check(length: number, name: string): void {
    if (length === 0) throw badSample(name, 'it is empty; restore the image or remove it');
    if (length > this.maxBytes) {
      const fix = length <= MOST_BYTES ? 'raise maxBytes or remove it' : 'shrink or remove it';
      throw badSample(name, `its ${length} bytes are more than maxBytes allows (${this.maxBytes}); ${fix}`);
    }
  }

  private room(length: number): Buffer {
    if (length <= this.buffer.length) return this.buffer;
    if (length > KEPT) return Buffer.allocUnsafeSlow(length);
    this.buffer = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length)));
    return this.buffer;
  }

  private descriptor(path: string): number {
    let fd = this.open.get(path);
    if (fd === undefined) {
      if (this.open.size >= this.maxOpen) this.closeOldest();
      fd = openSync(path, READ);
    } else this.open.delete(path); // Set again below: a map keeps the order of insertion.
    this.open.set(path, fd);
    this.lastPath = path;
    this.lastFd = fd;
    return fd;
  }

  private closeOldest(): void {
    const [path, fd] = this.open.entries().next().value as [string, number];
    this.open.delete(path);
    if (path === this.lastPath) this.lastPath = '';
    this.ahead.forget();
    closeSync(fd);
  }

  dispose(): void {
    for (const fd of this.open.values()) closeSync(fd);
    this.open.clear();
    this.ahead.forget();
    this.lastPath = '';
  }
}

/** How many bytes the pixels of kind 'raw' are. */
export const rawBytes = ({ width, height, channels, bits = 8 }: Extract<ImageRef, { kind: 'raw' }>): number =>
  width * height * channels * (bits >> 3);

/** The message of a failed read, with a fix. */
export function unreadable(error: unknown, path: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no file ${path}; restore it or remove it from the data set`;
    case 'EACCES':
    case 'EPERM':
      return `${path} must not be read by this user; change its permissions`;
    case 'EISDIR':
      return `${path} is a folder, not an image; give the path of a file`;
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit (ulimit -n) or lower maxOpenFiles';
    default:
      return `${path} cannot be read (${messageOf(error)}); check the disk`;
  }
}
