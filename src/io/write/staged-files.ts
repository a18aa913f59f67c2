/** Files of one shard below a staging folder: hashed while they are written, synced together. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { syncFolder } from '../../core/files/write-file.js';
import { UsageError } from '../../core/index.js';
import { codeOf } from '../problems.js';
import type { OutputFile } from './output.js';

/** Bytes of a growing file that wait in memory. */
const FLUSH = 1 << 20;

export class StagedFiles {
  private readonly files: OutputFile[] = [];
  private readonly growing: GrowingFile[] = [];
  private readonly folders = new Set<string>();
  private done = false;

  constructor(private readonly dir: string) {}

  /** A whole file. @throws UsageError where there is one of that name already */
  add(name: string, bytes: Uint8Array): void {
    const file = this.open(name);
    try {
      file.write(bytes);
      file.close();
    } catch (error) {
      file.drop();
      throw error;
    }
    this.files.push(file.result());
  }

  /** A file that is written piece by piece; `finish` completes it. */
  grow(name: string): GrowingFile {
    const file = this.open(name);
    this.growing.push(file);
    return file;
  }

  /** Completes and syncs all files, and the folders that hold them. */
  async finish(): Promise<readonly OutputFile[]> {
    for (const file of this.growing) {
      file.close();
      this.files.push(file.result());
    }
    this.growing.length = 0;
    for (const { path: name } of this.files) {
      const at = path.join(this.dir, name);
      try {
        const handle = await open(at, 'r+'); // Windows syncs what can be written to alone
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (error) {
        throw writeError(at, error);
      }
    }
    for (const folder of this.folders) syncFolder(folder);
    this.done = true;
    return this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Removes all files, unless they are finished. */
  dispose(): void {
    if (this.done) return;
    for (const file of this.growing) file.drop();
    for (const { path: name } of this.files) rmSync(path.join(this.dir, name), { force: true });
    this.files.length = 0;
    this.growing.length = 0;
  }

  private open(name: string): GrowingFile {
    const at = path.join(this.dir, name);
    const folder = path.dirname(at);
    if (!this.folders.has(folder)) {
      makeFolder(folder);
      for (let one = folder; one.length >= this.dir.length && !this.folders.has(one); one = path.dirname(one))
        this.folders.add(one);
    }
    return new GrowingFile(at, name);
  }
}

export class GrowingFile {
  private fd: number | undefined;
  private readonly hash: Hash = createHash('sha256');
  private bytes = 0;
  private waiting: Uint8Array[] = [];
  private held = 0;

  constructor(
    private readonly at: string,
    private readonly name: string,
  ) {
    try {
      this.fd = openSync(at, 'wx');
    } catch (error) {
      if (codeOf(error) === 'EEXIST')
        throw new UsageError(
          `${name}: expected a new file but there is one of that name; give every sample a key of its own`,
        );
      throw writeError(at, error);
    }
  }

  write(data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.hash.update(bytes);
    this.bytes += bytes.length;
    this.held += bytes.length;
    // A buffer that its owner may use again is not kept.
    this.waiting.push(typeof data === 'string' || this.held >= FLUSH ? bytes : Buffer.from(bytes));
    if (this.held >= FLUSH) this.flush();
  }

  close(): void {
    this.flush();
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  result(): OutputFile {
    return { path: this.name, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  drop(): void {
    this.waiting = [];
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
    rmSync(this.at, { force: true });
  }

  private flush(): void {
    const { fd } = this;
    if (fd === undefined) return;
    try {
      for (const bytes of this.waiting)
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      throw writeError(this.at, error);
    }
    this.waiting = [];
    this.held = 0;
  }
}
