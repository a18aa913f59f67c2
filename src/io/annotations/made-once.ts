/**
 * Files made once from a data set and kept in the cache folder: masks drawn from annotations. They come from many small
 * files as well as from one large one, so their size has no bound in that of a container, as what `io/unpacked` writes
 * has; what bounds it is that each image has one mask of its own size.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { writeError } from '../../core/files/file-errors.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary, sweepTemporaryOnce, temporaryName } from '../../core/files/temporary-file.js';
import { replaceFile } from '../../core/files/write-file.js';
import { codeOf } from '../problems.js';

const DIGEST = 32;
const FLUSH = 1 << 20;

/** Size, times and identity of a file: another file of the same name has others. */
export function stampOf(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [path, size, mtimeNs, ctimeNs, ino].join(' ');
}

/**
 * A file of many parts in `folder`, made by `make` unless it is there. `place` and `state` hold all that its bytes depend
 * on: a file of the same place and another state is an older one, and removed. The file gets its name once it is whole;
 * the index that `make` returns lies beside it.
 *
 * @throws RxaugError where the folder cannot be written
 */
export async function madeOnce<T>(
  folder: string,
  place: unknown,
  state: unknown,
  make: (append: (bytes: Uint8Array) => number) => Promise<T>,
): Promise<{ readonly path: string; readonly index: T }> {
  const name = `${short(place)}-${short(state)}`;
  const path = join(folder, `${name}.bin`);
  const beside = join(folder, `${name}.idx`);
  const kept = load<T>(beside, path);
  if (kept) return { path, index: kept };
  makeFolder(folder);
  sweepTemporaryOnce(folder);
  const temporary = temporaryName(path);
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'wx');
    const file = fd;
    let waiting: Uint8Array[] = [];
    let held = 0;
    let size = 0;
    const flush = () => {
      const all = Buffer.concat(waiting);
      for (let at = 0; at < all.length; ) at += writeSync(file, all, at);
      waiting = [];
      held = 0;
    };
    const index = await make((bytes) => {
      waiting.push(bytes);
      held += bytes.length;
      size += bytes.length;
      if (held >= FLUSH) flush();
      return size - bytes.length;
    });
    flush();
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
    const body = serialize({ size, index });
    replaceFile(beside, Buffer.concat([sha256(body), body]));
    dropOlder(folder, `${short(place)}-`, name);
    return { path, index };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    dropTemporary(temporary);
    throw codeOf(error) === undefined ? error : writeError(path, error);
  }
}

function load<T>(beside: string, path: string): T | undefined {
  try {
    const bytes = readFileSync(beside);
    const body = bytes.subarray(DIGEST);
    if (!sha256(body).equals(bytes.subarray(0, DIGEST))) return undefined;
    const { size, index } = deserialize(body) as { readonly size: number; readonly index: T };
    return statSync(path).size === size ? index : undefined;
  } catch {
    return undefined; // not there, or damaged: it is made again
  }
}

/** Masks of earlier states of the same annotations can be large, and nobody will ask for them again. */
function dropOlder(folder: string, place: string, name: string): void {
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(place) || file.startsWith(name) || !/\.(bin|idx)$/.test(file)) continue;
    try {
      rmSync(join(folder, file), { force: true });
    } catch {
      // Another process holds it; it costs room and nothing else.
    }
  }
}

const short = (value: unknown) =>
  sha256(Buffer.from(JSON.stringify(value)))
    .toString('hex')
    .slice(0, 32);

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest();
