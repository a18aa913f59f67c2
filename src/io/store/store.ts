/**
 * Where finished files go: a local folder, or a prefix in an object store. A file is there whole or not at all, and is
 * never overwritten by another one: two writers of one file either agree to the byte, or the second one is told.
 */
import { fileURLToPath } from 'node:url';
import { printable, UsageError } from '../../core/index.js';

/** What a file is known by. */
export interface FileDigest {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A file of a store. */
export interface StoredFile {
  /** Relative to the store, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** As its writer gave it, where the store keeps that: object stores do, folders do not. */
  readonly sha256?: string;
}

/** A range of a file: from `offset`, default 0, `length` bytes, default all that follow. */
export interface FilePart {
  readonly offset?: number;
  readonly length?: number;
}

/** Files under final names. All paths are relative with forward slashes; `..`, absolute and empty ones are refused. */
export interface Store {
  /** The folder or the URL, without credentials. */
  readonly name: string;
  /**
   * Moves a complete file to its final name, durably. The staged file is gone afterwards; after an error it is still
   * there, except where the process was ended in the middle.
   *
   * @param staged a local file, written and synced
   * @param content what it holds, as it was meant to be written
   * @returns 'same' if a file of this name and of the same bytes is there already
   * @throws RxaugError, naming both digests, if another file has that name
   */
  commit(path: string, staged: string, content: FileDigest): Promise<'written' | 'same'>;
  /** Writes a small file whole and durably, in place of one that may be there. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** @throws RxaugError if there is no such file, or it ends before the range does */
  read(path: string, part?: FilePart): Promise<Uint8Array>;
  /** Undefined if there is no such file. */
  stat(path: string): Promise<StoredFile | undefined>;
  /** Files whose path starts with `prefix`, default all, sorted by code unit; what is not finished is no file. */
  list(prefix?: string): Promise<StoredFile[]>;
  /** Does nothing where there is no such file. */
  remove(path: string): Promise<void>;
  /**
   * Removes what killed writers left: temporary files of processes that are gone, uploads that were never completed.
   * Call it when nobody writes any more. @returns how many there were
   */
  tidy(): Promise<number>;
  dispose(): void;
}

/**
 * Opens a store.
 *
 * @param place a folder, made when the first file comes; a `file:` URL; or `s3://bucket/prefix`, with `?endpoint=URL`
 * and `?region=NAME` where the environment does not give them
 * @throws UsageError for other URLs; RxaugError if the package for S3 is not installed
 */
export async function openStore(place: string): Promise<Store> {
  if (place === '')
    throw new UsageError("store: expected a folder or an s3:// URL but received ''; give one");
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]?.toLowerCase();
  if (scheme === 's3' && place.slice(3).startsWith('//')) {
    const { openS3Store } = await import('./s3-store.js');
    return openS3Store(place);
  }
  const { LocalStore } = await import('./local-store.js');
  if (scheme === 'file') return new LocalStore(localFolder(place));
  if (scheme !== undefined && place.slice(scheme.length + 1).startsWith('//')) {
    throw new UsageError(
      `store: files cannot be written to ${printable(scheme, 40)}:// URLs; give a folder or s3://bucket/prefix`,
    );
  }
  return new LocalStore(place);
}

function localFolder(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new UsageError(`store: '${printable(url, 500)}' is no local folder; give its path`);
  }
}
