/** The file that a container is unpacked to: written from front to back, up to a stated size. */
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { writeError } from '../../core/files/file-errors.js';
import { RxaugError } from '../../core/index.js';

const AFTERWARDS = 'name another folder for the cache by RXAUG_CACHE';

/** The cache cannot be written: the container is not at fault, and the next one will fare no better. */
export class CacheError extends RxaugError {
  override name = 'CacheError';

  constructor(what: string, cause: unknown) {
    super(writeError(what, cause, AFTERWARDS).message, { cause });
  }
}

/** Bytes kept in memory before they are written. */
const BUFFER = 1 << 20;

export class UnpackedWriter {
  private readonly fd: number;
  private readonly buffer = Buffer.allocUnsafeSlow(BUFFER);
  private used = 0;
  private flushed = 0;
  private closed = false;

  /**
   * @param path a name that no file has
   * @param source names the container in errors
   * @param limit bytes that may be written
   * @param what names this file in errors
   */
  constructor(
    path: string,
    private readonly source: string,
    readonly limit: number,
    private readonly what = `the unpacked ${source}`,
  ) {
    try {
      this.fd = openSync(path, 'wx');
    } catch (error) {
      throw new CacheError(what, error);
    }
  }

  /** Where the next byte will stand. */
  get offset(): number {
    return this.flushed + this.used;
  }

  /**
   * Appends bytes, and returns where they stand.
   *
   * @throws RxaugError for a container that unpacks to more than `limit` bytes, and where the disk is full
   */
  write(bytes: Uint8Array): number {
    const at = this.offset;
    if (at + bytes.length > this.limit) {
      throw new RxaugError(
        `${this.source}: it unpacks to more than ${this.limit} bytes, which is more than its size can honestly hold; check where it comes from, or unpack it yourself`,
      );
    }
    if (bytes.length > BUFFER) {
      this.flush();
      this.put(bytes);
      return at;
    }
    if (this.used + bytes.length > BUFFER) this.flush();
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
    return at;
  }

  /** Forgets all that was written. */
  restart(): void {
    ftruncateSync(this.fd, 0);
    this.used = 0;
    this.flushed = 0;
  }

  /** All bytes on disk. */
  finish(): void {
    this.flush();
    try {
      fsyncSync(this.fd);
    } catch (error) {
      throw new CacheError(this.what, error);
    }
    this.close();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeSync(this.fd);
  }

  private flush(): void {
    this.put(this.buffer.subarray(0, this.used));
    this.used = 0;
  }

  private put(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.fd, bytes, at, bytes.length - at, this.flushed + at);
    } catch (error) {
      throw new CacheError(this.what, error);
    }
    this.flushed += bytes.length;
  }
}
