/**
 * Files that are made once and kept in the cache folder: what containers unpack to, masks that are drawn from annotations.
 *
 * `PLACE-STATE.bin` holds the bytes and `PLACE-STATE.idx` what they are. `PLACE` is a digest of where they come from and of
 * the options that decide them, `STATE` one of the source as it is now. A name thus means the same bytes for ever: a
 * process that reads one while another makes that of a newer source reads no bytes of it. The file grows under a temporary
 * name, is synced and renamed; the index is written last.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { makeFolder } from '../../core/files/make-folder.js';
import { dropTemporary, sweepTemporaryOnce, temporaryName } from '../../core/files/temporary-file.js';
import { replaceFile, syncFolder } from '../../core/files/write-file.js';
import { CacheError, UnpackedWriter } from './unpacked-writer.js';

const DIGEST = 32;

export interface Making<T> {
  /** The cache folder. */
  readonly folder: string;
  /** Where the bytes come from, and all options that decide them. */
  readonly place: string;
  /** What changes with the source: files of the same place and another state are older ones, and removed. */
  readonly state: string;
  /** The source, in errors. */
  readonly source: string;
  /** The file, in errors. */
  readonly what: string;
  /** Bytes that it may have. */
  readonly limit: number;
  /** Writes the bytes and returns what they are: anything that `structuredClone` takes, such as typed arrays of offsets. */
  make(out: UnpackedWriter): Promise<T> | T;
  /** Throws if the source has changed meanwhile. */
  check?(): void;
}

/**
 * The file and its index, from the cache where they are there and whole.
 *
 * @throws CacheError where the disk is full or the folder cannot be written; what `make` throws. Nothing stays of what
 * failed.
 */
export async function keptOnce<T>(making: Making<T>): Promise<{ readonly path: string; readonly index: T }> {
  const { folder, source, what, limit } = making;
  const place = short(making.place);
  const name = `${place}-${short(making.state)}`;
  const path = join(folder, `${name}.bin`);
  const indexPath = join(folder, `${name}.idx`);
  const kept = load<T>(indexPath, path);
  if (kept) return { path, index: kept.index };
  within(what, () => makeFolder(folder));
  sweepTemporaryOnce(folder);
  const temporary = temporaryName(path);
  const out = new UnpackedWriter(temporary, source, limit, what);
  try {
    const index = await making.make(out);
    out.finish();
    making.check?.();
    within(what, () => renameSync(temporary, path));
    syncFolder(folder);
    const body = serialize({ bytes: out.offset, index });
    within(what, () => replaceFile(indexPath, Buffer.concat([sha256(body), body])));
    dropOlder(folder, place, name);
    return { path, index };
  } catch (error) {
    out.close();
    dropTemporary(temporary);
    throw error;
  }
}

/** Size, times and identity of a file: another file of the same name has others. */
export function stampOf(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}

function within(what: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new CacheError(what, error);
  }
}

function load<T>(indexPath: string, path: string): { readonly index: T } | undefined {
  try {
    const all = readFileSync(indexPath);
    const body = all.subarray(DIGEST);
    if (!sha256(body).equals(all.subarray(0, DIGEST))) return undefined;
    const kept = deserialize(body) as { bytes: number; index: T };
    return statSync(path).size === kept.bytes ? kept : undefined;
  } catch {
    return undefined; // not there, or damaged: it is made again
  }
}

/** Files of earlier states can be large, and will not be asked for again. */
function dropOlder(folder: string, place: string, name: string): void {
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${place}-`) || file.startsWith(name) || !/\.(bin|idx)$/.test(file)) continue;
    try {
      rmSync(join(folder, file), { force: true });
    } catch {
      // Another process holds it; it costs room and nothing else.
    }
  }
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const short = (text: string): string => sha256(text).toString('hex').slice(0, 32);
