import { createHash } from 'node:crypto';
import { closeSync, fsync, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary } from '../../core/files/temporary-file.js';
import { UsageError } from '../../core/index.js';
import type { OutputFile } from './output.js';

const FLUSH = 1 << 20;
/** Of the buffer at first: small files are many. */
const SMALL = 16 << 10;
const synced = promisify(fsync);

/** A whole text below a staging folder, on disk. */
export async function stageText(dir: string, path: string, text: string): Promise<OutputFile> {
  using file = new StagedFile(dir, path);
  file.write(text);
  return await file.finish();
}

/**
 * A file that grows below a staging folder: opened anew, written through a buffer of 1 MiB, hashed as it is written, and on
 * disk when it is finished. It gets no other name here; whoever owns the folder moves it.
 *
 * @throws RxaugError if the file is there already or cannot be written; UsageError for writing to a closed file
 */
export class StagedFile {
  private fd: number | undefined;
  private readonly file: string;
  private buffer = Buffer.allocUnsafe(SMALL);
  private used = 0;
  private flushed = 0;
  private readonly hash = createHash('sha256');
  private done?: OutputFile;

  /**
   * @param dir staging folder; folders below it are made
   * @param path of the file in it, with forward slashes
   * @param what the file is called in an error, default where it is
   */
  constructor(
    dir: string,
    readonly path: string,
    private readonly what = join(dir, path),
  ) {
    this.file = join(dir, path);
    makeFolder(dirname(this.file));
    try {
      this.fd = openSync(this.file, 'wx');
    } catch (error) {
      throw writeError(what, error);
    }
  }

  /** Bytes so far: where the next ones go. */
  get bytes(): number {
    return this.flushed + this.used;
  }

  write(data: Uint8Array | string): void {
    this.open();
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    for (let at = 0; at < bytes.length; ) {
      if (this.used === this.buffer.length) this.makeRoom();
      const part = bytes.subarray(at, at + this.buffer.length - this.used);
      this.buffer.set(part, this.used);
      this.used += part.length;
      at += part.length;
    }
  }

  /** Completes and syncs the file, and waits for the disk without blocking the thread. */
  async finish(): Promise<OutputFile> {
    const fd = this.open();
    try {
      this.flush();
      await synced(fd);
    } catch (error) {
      this.dispose();
      throw writeError(this.what, error);
    }
    return this.finished();
  }

  /** The same at once. */
  finishSync(): OutputFile {
    try {
      this.flush();
      fsyncSync(this.open());
    } catch (error) {
      this.dispose();
      throw writeError(this.what, error);
    }
    return this.finished();
  }

  /** Removes a file that was not finished. */
  dispose(): void {
    if (this.done) return;
    this.close();
    dropTemporary(this.file);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  private finished(): OutputFile {
    try {
      this.close();
    } catch (error) {
      dropTemporary(this.file);
      throw writeError(this.what, error);
    }
    this.done = { path: this.path, bytes: this.flushed, sha256: this.hash.digest('hex') };
    return this.done;
  }

  private makeRoom(): void {
    if (this.buffer.length === FLUSH) {
      this.flush();
      return;
    }
    const larger = Buffer.allocUnsafeSlow(FLUSH);
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }

  private flush(): void {
    const fd = this.open();
    try {
      for (let at = 0; at < this.used; ) at += writeSync(fd, this.buffer, at, this.used - at);
    } catch (error) {
      throw writeError(this.what, error);
    }
    this.hash.update(this.buffer.subarray(0, this.used));
    this.flushed += this.used;
    this.used = 0;
  }

  private close(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  private open(): number {
    if (this.fd === undefined) throw new UsageError(`${this.what} is closed; open a new writer`);
    return this.fd;
  }
}
