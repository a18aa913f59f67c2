/**
 * The folder of downloaded files. Each version of a remote file has a folder of its own in it, named by a digest of URL
 * and ETag, with the file under its own name; `use-…` files say which processes hold it, and `part-…` files are
 * downloads under way. The time of that folder is the last use.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSpace } from '../../core/files/check-folder.js';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { printable, RxaugError } from '../../core/index.js';
import { codeOf } from '../problems.js';
import { isLive, isOfKind, processName } from './process-names.js';
import type { RemoteInfo, RemoteSource } from './source.js';

const ENTRY = /^[0-9a-f]{32}$/;

/** The place of one version of one file. */
export interface CacheEntry {
  readonly folder: string;
  /** The complete file. */
  readonly file: string;
  /** Of which version of which URL. */
  readonly version: string;
}

interface Kept {
  readonly folder: string;
  readonly bytes: number;
  readonly lastUse: number;
}

export class RemoteCache {
  constructor(
    readonly folder: string,
    private readonly maxBytes: number,
  ) {}

  /** Marks the entry as used by this process, as long as it lives. */
  use(source: RemoteSource, info: RemoteInfo): CacheEntry {
    // Without anything that tells one version from another, no download is the file of a later time.
    const version = info.etag ?? info.modified ?? `one download, ${randomBytes(16).toString('hex')}`;
    const key = JSON.stringify([source.identity, version, info.bytes ?? null]);
    const folder = join(this.folder, createHash('sha256').update(key).digest('hex').slice(0, 32));
    try {
      while (!mark(folder, source.name)); // again where another process removes it at this moment
      return { folder, file: join(folder, plainName(source.file)), version: key };
    } catch (error) {
      throw writeError(`the cache folder ${this.folder}`, error, 'or give another with download: { cache }');
    }
  }

  /** Whether an entry has its file, complete. */
  has(entry: CacheEntry, info: RemoteInfo): boolean {
    const there = statSync(entry.file, { throwIfNoEntry: false });
    return there?.isFile() === true && (info.bytes === undefined || there.size === info.bytes);
  }

  /**
   * Removes the files that were used least recently, and never one in use, until these ones fit.
   *
   * @throws RxaugError if they cannot
   */
  makeRoom(files: readonly { readonly folder: string; readonly bytes: number }[]): void {
    const entries = list(this.folder)
      .filter((entry) => entry.isDirectory() && ENTRY.test(entry.name))
      .map(({ name }) => this.kept(join(this.folder, name)))
      .sort((a, b) => a.lastUse - b.lastUse);
    const there = new Map(entries.map(({ folder, bytes }) => [folder, bytes]));
    // Of downloads that were started, the rest.
    const more = files.reduce(
      (sum, file) => sum + Math.max(0, file.bytes - (there.get(file.folder) ?? 0)),
      0,
    );
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0) + more;
    for (const { folder, bytes } of entries) {
      if (total <= this.maxBytes) break;
      if (this.remove(folder)) total -= bytes;
    }
    if (total > this.maxBytes)
      throw new RxaugError(
        `${this.folder}: the files in use and those to come have ${total} bytes, and the cache may have ${this.maxBytes}; raise download: { maxCacheBytes }, or read less at a time`,
      );
    if (more > 0) checkSpace(this.folder, more);
  }

  private kept(folder: string): Kept {
    let bytes = 0;
    for (const { name } of list(folder)) {
      const there = statSync(join(folder, name), { throwIfNoEntry: false });
      // What is not downloaded yet takes no room, though the file has its length.
      if (there) bytes += Math.min(there.size, there.blocks === undefined ? there.size : 512 * there.blocks);
    }
    return { folder, bytes, lastUse: statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  }

  /** False if a process uses it. */
  private remove(folder: string): boolean {
    if (inUse(folder)) return false;
    const away = join(this.folder, processName('away'));
    try {
      renameSync(folder, away);
    } catch {
      return false; // another process removes it, or it cannot be removed
    }
    // A process may have started to use it in between.
    if (inUse(away)) {
      try {
        renameSync(away, folder);
        return false;
      } catch {
        // It was made anew: that process has its own.
      }
    }
    rmSync(away, { recursive: true, force: true });
    return true;
  }

  /** Removes what processes that are gone had started to remove. */
  sweep(): void {
    for (const { name } of list(this.folder)) {
      const away = join(this.folder, name);
      const there = isOfKind('away', name) ? statSync(away, { throwIfNoEntry: false }) : undefined;
      if (there && !isLive(name, there.mtimeMs)) rmSync(away, { recursive: true, force: true });
    }
  }
}

/** Notes that this process uses an entry; false if the entry was removed at that moment. */
function mark(folder: string, name: string): boolean {
  makeFolder(folder);
  for (const { name } of list(folder)) {
    if (!isOfKind('use', name)) continue;
    const file = join(folder, name);
    const there = statSync(file, { throwIfNoEntry: false });
    if (there && !isLive(name, there.mtimeMs)) rmSync(file, { force: true });
  }
  const own = join(folder, processName('use'));
  try {
    writeFileSync(own, printable(name, 1000));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  return existsSync(own);
}

function inUse(folder: string): boolean {
  return list(folder).some(({ name }) => {
    if (!isOfKind('use', name)) return false;
    const there = statSync(join(folder, name), { throwIfNoEntry: false });
    return there !== undefined && isLive(name, there.mtimeMs);
  });
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there yet, or not any more
  }
}

/** The name of a file as every system allows it, not one of the cache's own. */
function plainName(name: string): string {
  let decoded = name;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    // A percent sign that stands for itself.
  }
  const plain = decoded.replace(/[^\w.-]/g, '_').slice(-100);
  return /^\.|^(use|part|away)-|^$/.test(plain) ? `file_${plain}` : plain;
}
