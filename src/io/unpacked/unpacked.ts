/** Containers whose bytes are compressed are unpacked once, to the cache folder, and then read by range as any other archive. */
import { statSync } from 'node:fs';
import { RxaugError, UsageError } from '../../core/index.js';
import { keptOnce, stampOf } from './kept.js';
import type { UnpackedWriter } from './unpacked-writer.js';

/** Raised whenever what is unpacked changes its meaning. */
const VERSION = 1;

/** Bytes that a container may unpack to: so many times its size, and never more than the second. */
const MOST_TIMES = 1000;
const MOST_BYTES = 64 * 2 ** 30;
/** Small containers may hold much of the same, such as a mask of one id. */
const FREE_BYTES = 64 << 20;

export interface Unpacking<T> {
  /** The reader, in errors. */
  readonly owner: string;
  /** Path of the container. */
  readonly path: string;
  /** What identifies its bytes; default its path, size and time. */
  readonly version?: string;
  /** What decides the unpacked bytes and the index besides the container: plain JSON. Name and version of the format too. */
  readonly options: unknown;
  /** The cache folder; undefined where the caller may keep nothing, which is refused with a sentence. */
  readonly folder: string | undefined;
  /**
   * Writes the bytes and returns what they are: anything that `structuredClone` takes, such as typed arrays of offsets.
   * Memory must not grow with the container.
   */
  unpack(out: UnpackedWriter): Promise<T> | T;
}

export interface Unpacked<T> {
  /** The file with the bytes. */
  readonly path: string;
  readonly index: T;
  /** What identifies these bytes, whichever cache folder they are in. */
  readonly version: string;
}

/**
 * The unpacked container, from the cache where that is still true.
 *
 * @throws RxaugError where it unpacks to more than 1,000 times its size (64 MiB are always allowed) or 64 GiB, and where it
 * changes meanwhile; CacheError where the disk is full or the folder cannot be written, which readers pass on; UsageError
 * without a cache folder. Nothing stays of what failed.
 */
export async function unpacked<T>(request: Unpacking<T>): Promise<Unpacked<T>> {
  const { owner, path, folder } = request;
  if (folder === undefined) {
    throw new UsageError(
      `${owner}: ${path} is compressed and must be unpacked to the cache, but cache is false; leave cache out, name a folder, or unpack the file yourself`,
    );
  }
  const before = stampOf(path);
  const limit = Math.min(MOST_BYTES, Math.max(FREE_BYTES, MOST_TIMES * statSync(path).size));
  const kept = await keptOnce<T>({
    folder,
    place: `${path}\n${JSON.stringify([VERSION, owner, request.options])}`,
    state: before,
    source: path,
    what: `the unpacked ${path}`,
    limit,
    make: (out) => request.unpack(out),
    check() {
      if (stampOf(path) === before) return;
      throw new RxaugError(
        `${path}: it changed while it was unpacked; wait until it is written, and try again`,
      );
    },
  });
  return { ...kept, version: versionOf(request) };
}

/** By what does not depend on the machine: what is unpacked is as old as the cache. */
function versionOf({ path, version, options }: Unpacking<unknown>): string {
  const { size, mtimeMs } = statSync(path);
  return `${version ?? `${path} ${size} ${Math.round(mtimeMs)}`} unpacked ${JSON.stringify(options)}`;
}
