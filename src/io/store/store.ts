/**
 * Where finished files go: a local folder, or a prefix in an object store. A file is there whole or not at all, and is
 * never overwritten by another one: two writers of one file either agree to the byte, or the second one gets an error.
 */

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

/** A path and its size. */
export type SizedFile = Pick<StoredFile, 'path' | 'bytes'>;

export interface Tidied {
  /** Temporary files and uploads that are gone. */
  readonly removed: number;
  /** One sentence on what could not be removed, or not even be looked for, and what to do. */
  readonly left?: string;
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
   * Removes what killed writers left: temporary files of processes that are gone, and uploads of finished files that were
   * never completed. Writers that are alive lose nothing by it: what they upload is there already.
   *
   * @param finished files that are there; uploads of others are left alone, for they may be somebody else's
   */
  tidy(finished: readonly SizedFile[]): Promise<Tidied>;
  dispose(): void;
}
