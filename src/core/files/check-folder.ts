/** Checks that a folder can be written to, before the work whose results go there. */
import { statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RxaugError } from '../errors.js';
import { writeError } from './file-errors.js';
import { makeFolder } from './make-folder.js';
import { dropTemporary, sweepTemporary, temporaryName } from './temporary-file.js';

/** Bytes of the file that is written to try it: a full disk may well take an empty one. */
const TRIAL = 4096;

/** Makes the folder, removes what killed processes left in it, and writes and removes a file. */
export function checkWritable(folder: string): void {
  makeFolder(folder);
  sweepTemporary(folder);
  const trial = temporaryName(path.join(folder, 'trial'));
  try {
    writeFileSync(trial, Buffer.alloc(TRIAL), { flag: 'wx' });
  } catch (error) {
    throw writeError(folder, error);
  } finally {
    dropTemporary(trial);
  }
}

/** Refuses a folder with less free space than needed. Where the system does not report it, no folder is refused. */
export function checkSpace(folder: string, bytes: number): void {
  const free = freeBytes(folder);
  if (free === undefined || free >= bytes) return;
  throw new RxaugError(
    `${folder}: expected ${megabytes(bytes)} of free space but there are ${megabytes(free)}; free some space or choose another folder`,
  );
}

function freeBytes(folder: string): number | undefined {
  try {
    const { blocks, bavail, bfree, bsize } = statfsSync(folder);
    if (blocks === 0) return undefined; // a file system that does not count
    return (process.getuid?.() === 0 ? bfree : bavail) * bsize;
  } catch {
    return undefined;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
