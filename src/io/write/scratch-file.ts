import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary } from '../../core/files/temporary-file.js';
import { RxaugError } from '../../core/index.js';

const ROOM = 1 << 20;

/**
 * Bytes that must wait, on disk, for what goes before them: a format whose header counts its samples. Small ones stay in
 * memory. The file is gone when it is disposed of.
 */
export class ScratchFile {
  private readonly file: string;
  private fd: number | undefined;
  private readonly buffer = Buffer.allocUnsafeSlow(ROOM);
  private used = 0;
  private flushed = 0;

  constructor(dir: string, path: string) {
    this.file = join(dir, path);
  }

  get bytes(): number {
    return this.flushed + this.used;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.used === ROOM) this.flush();
      const part = bytes.subarray(at, at + ROOM - this.used);
      this.buffer.set(part, this.used);
      this.used += part.length;
      at += part.length;
    }
  }

  /** All that was written, in order. */
  copyTo(sink: { write(bytes: Uint8Array): void }): void {
    const part = Buffer.allocUnsafeSlow(Math.min(ROOM, this.flushed));
    for (let at = 0; at < this.flushed; ) {
      const n = readSync(this.fd as number, part, 0, Math.min(ROOM, this.flushed - at), at);
      if (n === 0)
        throw new RxaugError(`${this.file} became shorter while it was read; write the shard again`);
      sink.write(part.subarray(0, n));
      at += n;
    }
    sink.write(this.buffer.subarray(0, this.used));
  }

  dispose(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd === undefined) return;
    closeSync(fd);
    dropTemporary(this.file);
  }

  private flush(): void {
    try {
      if (this.fd === undefined) {
        makeFolder(dirname(this.file));
        this.fd = openSync(this.file, 'wx+');
      }
      for (let at = 0; at < this.used; )
        at += writeSync(this.fd, this.buffer, at, this.used - at, this.flushed + at);
    } catch (error) {
      throw writeError(this.file, error);
    }
    this.flushed += this.used;
    this.used = 0;
  }
}
