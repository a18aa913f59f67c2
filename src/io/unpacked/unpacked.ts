/**
 * Containers whose bytes are compressed are unpacked once, to a file in the cache folder, and then read by range as any
 * other archive.
 *
 * `PLACE-STAMP.bin` holds the bytes and `PLACE-STAMP.idx` what they are: `PLACE` is a digest of the container's path and
 * of the options that decide what is unpacked, `STAMP` one of its size, times and identity. A name thus stands for the
 * same bytes for ever: a process that reads one while another unpacks a newer container reads no bytes of it. The file
 * grows under a temporary name, is synced and renamed; the index is written last.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary, sweepTemporaryOnce, temporaryName } from '../../core/files/temporary-file.js';
import { replaceFile, syncFolder } from '../../core/files/write-file.js';
import { RxaugError, UsageError } from '../../core/index.js';
import { CacheError, UnpackedWriter } from './unpacked-writer.js';

/** Raised whenever what is unpacked changes its meaning. */
const VERSION = 1;
const DIGEST = 32;

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
 * The unpacked container, from the cache where it is still true.
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
  const place = short(`${path}\n${JSON.stringify([VERSION, owner, request.options])}`);
  const name = `${place}-${short(before)}`;
  const data = join(folder, `${name}.bin`);
  const index = join(folder, `${name}.idx`);
  const kept = load<T>(index, data);
  const version = versionOf(request);
  if (kept) return { path: data, index: kept.index, version };
  within(path, () => makeFolder(folder));
  sweepTemporaryOnce(folder);
  const temporary = temporaryName(data);
  const size = Number(statSync(path).size);
  const out = new UnpackedWriter(
    temporary,
    path,
    Math.min(MOST_BYTES, Math.max(FREE_BYTES, MOST_TIMES * size)),
  );
  try {
    const found = await request.unpack(out);
    out.finish();
    if (stampOf(path) !== before) {
      throw new RxaugError(
        `${path}: it changed while it was unpacked; wait until it is written, and try again`,
      );
    }
    within(path, () => renameSync(temporary, data));
    syncFolder(folder);
    const body = serialize({ bytes: out.offset, index: found });
    within(path, () => replaceFile(index, Buffer.concat([sha256(body), body])));
    dropOlder(folder, place, name);
    return { path: data, index: found, version };
  } catch (error) {
    out.close();
    dropTemporary(temporary);
    throw error;
  }
}

function within(source: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new CacheError(source, error);
  }
}

/** By what does not depend on the machine: what is unpacked is as old as the cache. */
function versionOf({ path, version, options }: Unpacking<unknown>): string {
  const { size, mtimeMs } = statSync(path);
  return `${version ?? `${path} ${size} ${Math.round(mtimeMs)}`} unpacked ${JSON.stringify(options)}`;
}

/** Size, times and identity of a file. */
function stampOf(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}

function load<T>(index: string, data: string): { readonly index: T } | undefined {
  try {
    const all = readFileSync(index);
    const body = all.subarray(DIGEST);
    if (!sha256(body).equals(all.subarray(0, DIGEST))) return undefined;
    const kept = deserialize(body) as { bytes: number; index: T };
    return statSync(data).size === kept.bytes ? kept : undefined;
  } catch {
    return undefined; // It is unpacked again.
  }
}

/** What was unpacked of earlier states of the same container: it can be large, and no one will ask for it again. */
function dropOlder(folder: string, place: string, name: string): void {
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${place}-`) || file.startsWith(name) || !/\.(bin|idx)$/.test(basename(file)))
      continue;
    try {
      rmSync(join(folder, file), { force: true });
    } catch {
      // Another process holds it; it costs room and nothing else.
    }
  }
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const short = (text: string): string => sha256(text).toString('hex').slice(0, 32);
