/**
 * Writes a tar archive whose bytes depend on its entries alone: no time, user or machine in it.
 *
 * It grows under a temporary name beside the final one and is renamed only when it is complete and on
 * disk, so that a file of the final name is always whole. Names beyond ustar's 100 characters get a pax record.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { show, UsageError } from '../core/index.js';
import { makeFolder } from '../core/make-folder.js';
import { hostileName } from './tar.js';

const BLOCK = 512;
const FLUSH = 1 << 20;
/** ustar has eleven octal digits for a size. */
const MAX_SIZE = 8 ** 11 - 1;

export class TarWriter {
  private readonly temporary: string;
  private fd: number | undefined;
  private readonly buffer = Buffer.alloc(FLUSH);
  private used = 0;

  constructor(readonly path: string) {
    makeFolder(dirname(path));
    this.temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
    this.fd = openSync(this.temporary, 'wx');
  }

  /** Adds a file. */
  add(name: string, data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    const hostile = hostileName(name);
    if (hostile) throw new UsageError(`tar: entry ${show(name)}: ${hostile}`);
    if (bytes.length > MAX_SIZE)
      throw new UsageError(`tar: entry ${show(name)} is larger than 8 GiB; split it`);
    if (Buffer.byteLength(name) > 100) {
      const record = Buffer.from(paxRecord('path', name));
      this.entry('pax', 'x', record);
    }
    this.entry(name, '0', bytes);
  }

  /** Completes the archive under its final name. */
  finish(): void {
    this.write(Buffer.alloc(2 * BLOCK));
    this.flush();
    const fd = this.open();
    fsyncSync(fd);
    closeSync(fd);
    this.fd = undefined;
    renameSync(this.temporary, this.path);
    syncFolder(dirname(this.path));
  }

  /** Drops an archive that was not finished; nothing of it stays. */
  dispose(): void {
    if (this.fd === undefined) return;
    closeSync(this.fd);
    this.fd = undefined;
    rmSync(this.temporary, { force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  private entry(name: string, type: string, bytes: Uint8Array): void {
    const header = Buffer.alloc(BLOCK);
    header.write(Buffer.from(name).subarray(0, 100).toString('latin1'), 0, 'latin1');
    header.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1');
    header.write(`${octal(bytes.length, 11)}\0${octal(0, 11)}\0`, 124, 'latin1');
    header.write(`        ${type}`, 148, 'latin1');
    header.write('ustar\x0000', 257, 'latin1');
    let sum = 0;
    for (const byte of header) sum += byte;
    header.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
    this.write(header);
    this.write(bytes);
    this.write(Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }

  private write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.used === FLUSH) this.flush();
      const part = bytes.subarray(at, at + FLUSH - this.used);
      this.buffer.set(part, this.used);
      this.used += part.length;
      at += part.length;
    }
  }

  private flush(): void {
    const fd = this.open();
    for (let at = 0; at < this.used; ) at += writeSync(fd, this.buffer, at, this.used - at);
    this.used = 0;
  }

  private open(): number {
    if (this.fd === undefined) throw new UsageError(`tar: ${this.path} is closed; open a new writer`);
    return this.fd;
  }
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

/** Makes a rename durable. Some systems cannot open a folder; there the rename is as durable as they make it. */
export function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    fsyncSync(fd);
  } catch {
    // Windows.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
