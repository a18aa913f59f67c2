import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary, sweepTemporaryOnce, temporaryName } from '../../core/files/temporary-file.js';
import { syncFolder } from '../../core/files/write-file.js';
import { show, UsageError } from '../../core/index.js';
import { hostileName } from './tar.js';

const BLOCK = 512;
const FLUSH = 1 << 20;
/** ustar has eleven octal digits for a size. */
const MAX_SIZE = 8 ** 11 - 1;

/**
 * Writes a tar archive whose bytes depend on its entries alone: it holds no time, user or machine. The archive grows under
 * a temporary name and is renamed in `finish()` when it is complete and on disk, so a file of the final name is always
 * complete. Names of more than 100 bytes get a pax record; an entry holds at most 8 GiB.
 *
 * @throws RxaugError if the file cannot be written; UsageError for a name that leaves the archive's folder (`../a`), and
 * for calls after `finish()`
 *
 * @example
 * const shard = new TarWriter('out/train-000.tar');
 * shard.add('a.txt', 'an image belongs here');
 * shard.add('a.cls', '0');
 * shard.finish();
 * shard.sha256.length // → 64
 */
export class TarWriter {
  private readonly temporary: string;
  private fd: number | undefined;
  private readonly buffer = Buffer.alloc(FLUSH);
  private used = 0;
  private readonly hash = createHash('sha256');
  private digest?: string;

  constructor(readonly path: string) {
    makeFolder(dirname(path));
    sweepTemporaryOnce(dirname(path));
    this.temporary = temporaryName(path);
    try {
      this.fd = openSync(this.temporary, 'wx');
    } catch (error) {
      throw writeError(path, error);
    }
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
    try {
      fsyncSync(this.open());
      this.close();
      renameSync(this.temporary, this.path);
    } catch (error) {
      this.dispose();
      throw writeError(this.path, error);
    }
    this.digest = this.hash.digest('hex');
    syncFolder(dirname(this.path));
  }

  /** Of all bytes of the finished archive, as they were meant to be written: what is on the disk can be compared with it. */
  get sha256(): string {
    if (this.digest === undefined)
      throw new UsageError(`tar: ${this.path} is not finished; call finish() first`);
    return this.digest;
  }

  /** Drops an archive that was not finished; nothing of it stays. */
  dispose(): void {
    if (this.digest !== undefined) return;
    this.close();
    dropTemporary(this.temporary);
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
    try {
      for (let at = 0; at < this.used; ) at += writeSync(fd, this.buffer, at, this.used - at);
    } catch (error) {
      throw writeError(this.path, error);
    }
    this.hash.update(this.buffer.subarray(0, this.used));
    this.used = 0;
  }

  private close(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) closeSync(fd);
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
