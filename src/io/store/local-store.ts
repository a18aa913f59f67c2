/** A store in a local folder. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileReason, writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import {
  dropTemporary,
  isTemporary,
  sweepTemporary,
  sweepTemporaryOnce,
  temporaryName,
} from '../../core/files/temporary-file.js';
import { syncFolder, writeSafely } from '../../core/files/write-file.js';
import { RxaugError } from '../../core/index.js';
import { MOST_BYTES } from '../files.js';
import { codeOf } from '../problems.js';
import { checkDigest, conflict, digestOfFile } from './digests.js';
import { checkPath } from './paths.js';
import type { FileDigest, FilePart, Store, StoredFile, Tidied } from './store.js';

/** A file system without hard links says one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];

/** Opening a pipe must not wait for its writer. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export class LocalStore implements Store {
  readonly name: string;

  constructor(folder: string) {
    this.name = resolve(folder);
  }

  async commit(path: string, staged: string, content: FileDigest): Promise<'written' | 'same'> {
    const final = this.at(path);
    checkDigest(content);
    const folder = dirname(final);
    makeFolder(folder);
    sweepTemporaryOnce(folder);
    // Under a name that nobody else opens: a writer that truncates the staged name must not reach the finished file.
    const own = temporaryName(final);
    const moved = await moveTo(own, staged, content, final);
    let result: 'written' | 'same';
    try {
      result = (await linkNew(own, final)) ? 'written' : await sameThere(this.name, path, content);
      syncFolder(folder); // for 'same' too: its writer may have been killed before that
    } catch (error) {
      if (moved) await rename(own, staged).catch(() => undefined);
      else dropTemporary(own);
      throw writeError(final, error);
    }
    dropTemporary(own);
    if (!moved) dropTemporary(staged);
    return result;
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    await writeSafely(this.at(path), [bytes]);
  }

  async read(path: string, { offset = 0, length }: FilePart = {}): Promise<Uint8Array> {
    const file = this.at(path);
    const handle = await opened(file);
    try {
      const { size } = await handle.stat();
      const wanted = length ?? Math.max(size - offset, 0);
      if (wanted > MOST_BYTES)
        throw new RxaugError(`${file}: ${wanted} bytes are too many at once; read it in parts`);
      if (offset + wanted > size) throw short(file, size, offset + wanted);
      const bytes = Buffer.allocUnsafeSlow(wanted);
      for (let done = 0; done < wanted; ) {
        const { bytesRead } = await handle.read(bytes, done, wanted - done, offset + done);
        if (bytesRead === 0) throw short(file, offset + done, offset + wanted);
        done += bytesRead;
      }
      return bytes;
    } catch (error) {
      throw readError(file, error);
    } finally {
      await handle.close();
    }
  }

  async stat(path: string): Promise<StoredFile | undefined> {
    const file = this.at(path);
    const there = await statOf(file);
    if (!there) return undefined;
    if (!there.isFile()) throw new RxaugError(`${file}: it is no plain file; move it away`);
    return { path, bytes: there.size };
  }

  async list(prefix = ''): Promise<StoredFile[]> {
    // A folder that is named whole is enough to look into.
    const below = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (below) checkPath(below.slice(0, -1));
    const found: StoredFile[] = [];
    await this.walk(below, found);
    return found
      .filter((file) => file.path.startsWith(prefix))
      .sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  }

  private async walk(below: string, found: StoredFile[]): Promise<void> {
    for (const entry of await entriesOf(join(this.name, below))) {
      const path = below + entry.name;
      if (entry.isDirectory()) await this.walk(`${path}/`, found);
      else if (entry.isFile() && !isTemporary(entry.name)) {
        const there = await statOf(join(this.name, path));
        if (there) found.push({ path, bytes: there.size });
      }
    }
  }

  async remove(path: string): Promise<void> {
    const file = this.at(path);
    try {
      await rm(file, { force: true });
    } catch (error) {
      throw new RxaugError(`${file}: it cannot be removed (${fileReason(error)}); change its permissions`, {
        cause: error,
      });
    }
    syncFolder(dirname(file));
  }

  async tidy(): Promise<Tidied> {
    const before = await this.temporaryFiles('');
    for (const folder of new Set(before.map(dirname))) sweepTemporary(folder);
    const left = await this.temporaryFiles('');
    return { removed: before.length - left.length };
  }

  private async temporaryFiles(below: string): Promise<string[]> {
    const found: string[] = [];
    for (const entry of await entriesOf(join(this.name, below))) {
      if (entry.isDirectory()) found.push(...(await this.temporaryFiles(join(below, entry.name))));
      else if (isTemporary(entry.name)) found.push(join(this.name, below, entry.name));
    }
    return found;
  }

  dispose(): void {
    // Nothing stays open between calls.
  }

  private at(path: string): string {
    return join(this.name, checkPath(path));
  }
}

/** Renames the staged file to a name beside the final one, or copies it there from another disk. True: renamed. */
async function moveTo(own: string, staged: string, content: FileDigest, final: string): Promise<boolean> {
  const there = await statOf(staged);
  if (!there?.isFile())
    throw new RxaugError(`${final}: its staged file ${staged} is not there; write it again`);
  if (there.size !== content.bytes) throw cut(final, there.size, content);
  try {
    await rename(staged, own);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw writeError(final, error);
    await copyTo(own, staged, content, final);
    return false;
  }
}

async function copyTo(own: string, staged: string, content: FileDigest, final: string): Promise<void> {
  let from: FileHandle | undefined;
  let to: FileHandle | undefined;
  try {
    from = await open(staged, 'r');
    to = await open(own, 'wx');
    const copied = await digestOfFile(from, to);
    await to.sync();
    if (copied.bytes !== content.bytes) throw cut(final, copied.bytes, content);
    if (copied.sha256 !== content.sha256)
      throw new RxaugError(
        `${final}: its staged file ${staged} does not hold what was written (SHA-256 ${copied.sha256} and not ${content.sha256}); write it again, and check the disk`,
      );
  } catch (error) {
    dropTemporary(own);
    throw writeError(final, error);
  } finally {
    await from?.close();
    await to?.close();
  }
}

function cut(final: string, bytes: number, content: FileDigest): RxaugError {
  return new RxaugError(
    `${final}: its staged file has ${bytes} bytes and not ${content.bytes}; write it again`,
  );
}

/**
 * Gives a file its final name; false if that is taken. Without hard links in the file system there is a moment in which
 * another process could take the name and lose it again.
 */
async function linkNew(own: string, final: string): Promise<boolean> {
  try {
    await link(own, final);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.includes(codeOf(error) ?? '')) throw error;
    if (await statOf(final)) return false;
    await rename(own, final);
    return true;
  }
}

/** @throws RxaugError if the file under the final name is another one */
async function sameThere(name: string, path: string, content: FileDigest): Promise<'same'> {
  const final = join(name, path);
  if (!(await statOf(final))?.isFile()) throw new RxaugError(`${final}: it is no plain file; move it away`);
  const handle = await opened(final);
  try {
    const there = await digestOfFile(handle);
    if (there.sha256 !== content.sha256 || there.bytes !== content.bytes)
      throw conflict(name, path, there, content);
    await handle.sync().catch(() => undefined); // it is not ours, and may be read-only
    return 'same';
  } catch (error) {
    throw readError(final, error);
  } finally {
    await handle.close();
  }
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, READ);
  } catch (error) {
    throw readError(file, error);
  }
}

async function statOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw readError(file, error);
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw readError(folder, error);
  }
}

function short(file: string, size: number, wanted: number): RxaugError {
  return new RxaugError(`${file}: it has ${size} bytes, and ${wanted} are needed; restore it`);
}

function readError(file: string, error: unknown): RxaugError {
  if (error instanceof RxaugError) return error;
  if (codeOf(error) === 'ENOENT')
    return new RxaugError(`${file}: there is no such file; restore ${basename(file)}`, { cause: error });
  return new RxaugError(
    `${file}: it cannot be read (${fileReason(error)}); check its permissions and the disk`,
    {
      cause: error,
    },
  );
}
