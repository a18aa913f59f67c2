/** Folders of a preparation that are not its output: one a process for what is not finished, those of dead ones removed. */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { HOST, isRunning, lifeOf } from '../core/files/process-owner.js';

const stagingRoot = (work: string): string => join(work, 'staging');

/** A folder that no other process has, on whatever machine. */
export const stagingIn = (work: string): string =>
  join(stagingRoot(work), `${HOST}-${process.pid}-${lifeOf(process.pid)}-${randomBytes(4).toString('hex')}`);

/** Removes what processes of this machine have left that run no more. Other machines' folders stay. */
export function sweepStaging(work: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(stagingRoot(work));
  } catch {
    // There is none.
  }
  for (const name of names) {
    const [host, pid, life = ''] = name.split('-');
    if (host === HOST && !isRunning(Number(pid), life))
      rmSync(join(stagingRoot(work), name), { recursive: true, force: true });
  }
}

/** Removes what all processes have left: once a data set is finished nobody needs it. */
export const clearStaging = (work: string): void =>
  rmSync(stagingRoot(work), { recursive: true, force: true });

export const isLocal = (out: string): boolean => !/^[a-z][a-z0-9+.-]+:\/\//i.test(out);

/** On the disk of the output; for object stores a folder of the system's. */
export const localWork = (out: string): string =>
  isLocal(out) ? join(out, '.rxaug') : join(os.tmpdir(), 'rxaug-prepare');
