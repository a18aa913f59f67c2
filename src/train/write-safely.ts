/** A file that is whole at every moment: the old one or the new one. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../core/make-folder.js';

/** Temporary name, sync, rename, sync of the folder: power may fail at any point of it. */
export async function writeSafely(file: string, chunks: readonly Uint8Array[]): Promise<void> {
  const folder = path.dirname(file);
  makeFolder(folder);
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } catch {
    // Some file systems cannot sync a folder; the rename itself is atomic all the same.
  } finally {
    await directory.close();
  }
}
