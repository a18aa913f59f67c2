/** Folders of a preparation that are not its output. */
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { join } from 'node:path';

/** A folder that no other process has. */
export const stagingIn = (work: string): string =>
  join(work, 'staging', `${os.hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`);

export const isLocal = (out: string): boolean => !/^[a-z][a-z0-9+.-]+:\/\//i.test(out);

/** On the disk of the output; for object stores a folder of the system's. */
export const localWork = (out: string): string =>
  isLocal(out) ? join(out, '.rxaug') : join(os.tmpdir(), 'rxaug-prepare');
