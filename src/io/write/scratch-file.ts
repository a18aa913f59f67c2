import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary } from '../../core/files/temporary-file.js';
import { RxaugError } from '../../core/index.js';

const ROOM = 1 << 20;
/** Rooms that stay in memory: MDS shards of the usual size are written once, not twice. */
const HELD = 64;

/**
 * Bytes that must wait for what goes before them, in a format whose header counts its samples: 64 MiB in memory, and more
 * on disk. The file is gone when it is disposed of.
 */
export class ScratchFile {
  private readonly file: string;
  private fd: number | undefined;
  private readonly held: Buffer[] = [];
  private buffer: Buffer = Buffer.allocUnsafeSlow(ROOM);
  private used = 0;
  private flushed = 0;

  constructor(dir: string, path: string) {
    this.file = join(dir, path);
  }

  get bytes(): number {
    return this.flushed + ROOM * this.held.length + this.used;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.used === ROOM) this.next();
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
    for (const room of this.held) sink.write(room);
    sink.write(this.buffer.subarray(0, this.used));
  }

  dispose(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd === undefined) return;
    closeSync(fd);
    dropTemporary(this.file);
  }

  /** Another room; of too many, all go to the disk and are used again. */
  private next(): void {
    this.held.push(this.buffer);
    this.used = 0;
    if (this.held.length < HELD) {
      this.buffer = Buffer.allocUnsafeSlow(ROOM);
      return;
    }
    try {
      if (this.fd === undefined) {
        makeFolder(dirname(this.file));
        this.fd = openSync(this.file, 'wx+');
      }
      for (const room of this.held) {
        for (let at = 0; at < ROOM; ) at += writeSync(this.fd, room, at, ROOM - at, this.flushed + at);
        this.flushed += ROOM;
      }
    } catch (error) {
      throw writeError(this.file, error);
    }
    this.buffer = this.held[0] as Buffer;
    this.held.length = 0;
  }
}
