/** Files that are whole at every moment: the old one or the new one. Every error is one sentence. */
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { writeError } from './file-errors.js';
import { makeFolder } from './make-folder.js';
import { dropTemporary, sweepTemporaryOnce, temporaryName } from './temporary-file.js';

interface Place {
  /** The file itself, behind links. */
  readonly file: string;
  /** Where it grows; undefined for what is no regular file, such as /dev/stdout, which must not be replaced. */
  readonly temporary?: string;
  /** Permissions, those of the file that is there. */
  readonly mode: number;
}

function placeOf(given: string): Place {
  makeFolder(path.dirname(given));
  const there = statSync(given, { throwIfNoEntry: false });
  if (there && !there.isFile()) return { file: given, mode: 0o666 };
  const file = there ? realpathSync(given) : given;
  sweepTemporaryOnce(path.dirname(file));
  return { file, temporary: temporaryName(file), mode: there ? there.mode & 0o777 : 0o666 };
}

export interface Named {
  /** What the file is called in an error. Default: its path. */
  readonly what?: string;
  /** What to do once the cause of an error is gone. */
  readonly afterwards?: string;
}

/** Temporary name, sync, rename, sync of the folder: power may fail at any point of it. Makes the folder. */
export async function writeSafely(
  given: string,
  chunks: readonly Uint8Array[],
  { what = given, afterwards }: Named = {},
): Promise<void> {
  let temporary: string | undefined;
  try {
    const place = placeOf(given);
    temporary = place.temporary;
    const handle = await open(temporary ?? place.file, temporary ? 'wx' : 'w', place.mode);
    try {
      for (const chunk of chunks) await handle.writeFile(chunk);
      if (temporary) await handle.sync();
    } finally {
      await handle.close();
    }
    if (!temporary) return;
    renameSync(temporary, place.file);
    syncFolder(path.dirname(place.file));
  } catch (error) {
    dropTemporary(temporary);
    throw writeError(what, error, afterwards);
  }
}

/** The same for small files, at once and without waiting for the disk: a process that is killed leaves no half of it. */
export function replaceFile(given: string, content: string | Uint8Array, what = given): void {
  let temporary: string | undefined;
  try {
    const place = placeOf(given);
    temporary = place.temporary;
    writeFileSync(temporary ?? place.file, content, { flag: temporary ? 'wx' : 'w', mode: place.mode });
    if (temporary) renameSync(temporary, place.file);
  } catch (error) {
    dropTemporary(temporary);
    throw writeError(what, error);
  }
}

/** Makes a rename durable. Some systems cannot open a folder; there the rename is as durable as they make it. */
export function syncFolder(folder: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(folder, 'r');
    fsyncSync(fd);
  } catch {
    // Windows, and some network file systems; the rename is atomic all the same.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
