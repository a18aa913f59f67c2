/** A file of a staging folder that grows piece by piece, is hashed on the way, and synced at its end. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary } from '../../core/files/temporary-file.js';
import type { OutputFile } from './output.js';

export class StagedFile {
  private readonly path: string;
  private readonly hash = createHash('sha256');
  private fd: number | undefined;
  private bytes = 0;

  /** @param name relative to the folder, with forward slashes */
  constructor(
    dir: string,
    private readonly name: string,
  ) {
    this.path = join(dir, name);
    makeFolder(dirname(this.path));
    this.within(() => {
      this.fd = openSync(this.path, 'w');
    });
  }

  write(bytes: Uint8Array): void {
    this.within((fd) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
    });
    this.hash.update(bytes);
    this.bytes += bytes.length;
  }

  /** The finished file, on disk. */
  finish(): OutputFile {
    this.within((fd) => fsyncSync(fd));
    this.close();
    return { path: this.name, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /** Removes the file. */
  dispose(): void {
    this.close();
    dropTemporary(this.path);
  }

  private close(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  private within(write: (fd: number) => void): void {
    try {
      write(this.fd ?? -1);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }
}
