/**
 * A folder and those above it. Node's own recursive mkdir never returns where the system refuses a folder with ENOENT,
 * as it does below /proc; this reports the error at once.
 */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { RxaugError } from '../errors.js';
import { fileReason } from './file-errors.js';

export function makeFolder(folder: string): void {
  try {
    make(path.resolve(folder));
  } catch (error) {
    throw new RxaugError(
      `${folder}: the folder cannot be made (${fileReason(error)}); choose another place`,
      {
        cause: error,
      },
    );
  }
}

function make(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (!there) make(path.dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have created it.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
