/** Digests of files, read piece by piece. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { RxaugError, show, UsageError } from '../../core/index.js';
import type { FileDigest, Store } from './store.js';

/** Bytes that are read at a time. */
const PIECE = 8 << 20;

/** Of all bytes from the start of an open file; they are copied to another one where that is given. */
export async function digestOfFile(file: FileHandle, copy?: FileHandle): Promise<FileDigest> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE, bytes);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes };
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    await copy?.writeFile(piece);
    bytes += bytesRead;
  }
}

export function digestOfBytes(bytes: Uint8Array): FileDigest {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** Of a local file. */
export async function digestOf(path: string): Promise<FileDigest> {
  const file = await open(path, 'r');
  try {
    return await digestOfFile(file);
  } finally {
    await file.close();
  }
}

/** Of what a store really holds, all of it read. @throws RxaugError if there is no such file */
export async function storedDigest(store: Store, path: string): Promise<FileDigest> {
  const there = await store.stat(path);
  if (!there) throw new RxaugError(`${store.name}: there is no file ${path}; restore it`);
  const hash = createHash('sha256');
  for (let offset = 0; offset < there.bytes; offset += PIECE) {
    const length = Math.min(PIECE, there.bytes - offset);
    hash.update(await store.read(path, { offset, length }));
  }
  return { sha256: hash.digest('hex'), bytes: there.bytes };
}

/** @throws UsageError for what is no digest */
export function checkDigest({ sha256, bytes }: FileDigest): void {
  if (!/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new UsageError(
      `store: expected a SHA-256 in lowercase and a number of bytes but received ${show([sha256, bytes])}; give those of the staged file`,
    );
}

/** Two writers made different files of one name. */
export function conflict(name: string, path: string, there: FileDigest, ours: FileDigest): RxaugError {
  const described = ({ sha256, bytes }: FileDigest) => `${sha256}, ${bytes} bytes`;
  return new RxaugError(
    `${name}/${path}: another file of this name is there (SHA-256 ${described(there)}), and ours is different (${described(ours)}); write to an empty place, or remove that file if it is not wanted`,
  );
}
