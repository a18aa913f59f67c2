import { renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary, sweepTemporaryOnce, temporaryName } from '../../core/files/temporary-file.js';
import { syncFolder } from '../../core/files/write-file.js';
import { UsageError } from '../../core/index.js';
import { StagedFile } from '../write/staged-file.js';
import { TAR_END, writeTarEntry } from './tar-entry.js';

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
  private readonly file: StagedFile;
  private digest?: string;

  constructor(readonly path: string) {
    makeFolder(dirname(path));
    sweepTemporaryOnce(dirname(path));
    this.temporary = temporaryName(path);
    this.file = new StagedFile(dirname(path), basename(this.temporary), path);
  }

  /** Adds a file. */
  add(name: string, data: Uint8Array | string): void {
    writeTarEntry(this.file, name, data);
  }

  /** Completes the archive under its final name. */
  finish(): void {
    this.file.write(TAR_END);
    const { sha256 } = this.file.finishSync();
    try {
      renameSync(this.temporary, this.path);
    } catch (error) {
      dropTemporary(this.temporary);
      throw writeError(this.path, error);
    }
    this.digest = sha256;
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
    this.file.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
