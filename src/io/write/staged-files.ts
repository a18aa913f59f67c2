/** Many files of one shard below a staging folder: hashed while they are written, synced together. */
import { rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { syncFolder } from '../../core/files/write-file.js';
import { UsageError } from '../../core/index.js';
import { codeOf } from '../problems.js';
import { digestOfBytes } from '../store/digests.js';
import type { OutputFile } from './output.js';
import { StagedFile } from './staged-file.js';

export class StagedFiles {
  private readonly files: OutputFile[] = [];
  private readonly growing: StagedFile[] = [];
  private readonly folders = new Set<string>();
  private done = false;

  constructor(private readonly dir: string) {}

  /** A whole file. @throws UsageError where there is one of that name already; RxaugError where it cannot be written */
  add(name: string, bytes: Uint8Array): void {
    const at = path.join(this.dir, name);
    this.makeFolders(path.dirname(at));
    try {
      writeFileSync(at, bytes, { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) === 'EEXIST')
        throw new UsageError(`${at}: there is a file of that name already; give every sample its own key`);
      rmSync(at, { force: true }); // what a full disk took of it
      throw writeError(at, error);
    }
    this.files.push({ path: name, ...digestOfBytes(bytes) });
  }

  /** A file that is written piece by piece; `finish` completes it. */
  grow(name: string): StagedFile {
    this.makeFolders(path.dirname(path.join(this.dir, name)));
    const file = new StagedFile(this.dir, name);
    this.growing.push(file);
    return file;
  }

  /** Completes and syncs all files, and the folders that hold them; in the order of their paths. */
  async finish(): Promise<readonly OutputFile[]> {
    for (const { path: name } of this.files) await sync(path.join(this.dir, name));
    for (const file of this.growing) this.files.push(await file.finish());
    this.growing.length = 0;
    for (const folder of this.folders) syncFolder(folder);
    this.done = true;
    return this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Removes all files, unless they are finished. */
  dispose(): void {
    if (this.done) return;
    for (const file of this.growing) file.dispose();
    for (const { path: name } of this.files) rmSync(path.join(this.dir, name), { force: true });
    this.files.length = 0;
    this.growing.length = 0;
  }

  private makeFolders(folder: string): void {
    if (this.folders.has(folder)) return;
    makeFolder(folder);
    for (let one = folder; one.length >= this.dir.length && !this.folders.has(one); one = path.dirname(one))
      this.folders.add(one);
  }
}

async function sync(at: string): Promise<void> {
  try {
    const handle = await open(at, 'r+'); // Windows syncs only what can be written to
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw writeError(at, error);
  }
}
