/** System errors about a file that cannot be written, as one sentence that names the fix. */
import { messageOf, RxaugError } from '../errors.js';

/** By error code: the reason in words, and what to do. */
const KNOWN: Readonly<Record<string, readonly [reason: string, fix: string]>> = {
  ENOSPC: ['no space is left on the disk', 'free some space or choose another folder'],
  EDQUOT: ['the disk quota is used up', 'free some space or choose another folder'],
  EFBIG: ['it would be larger than a file may be', 'raise the limit (ulimit -f) or choose another disk'],
  EROFS: ['the file system is read-only', 'choose another folder'],
  EACCES: ['permission is denied', 'change its permissions or choose another folder'],
  EPERM: ['permission is denied', 'change its permissions or choose another folder'],
  ENOTDIR: ['a part of its path is a file', 'choose another path'],
  EEXIST: ['a file is in its place', 'choose another path'],
  EISDIR: ['it is a folder', 'choose another path'],
  ENAMETOOLONG: ['its name is too long', 'choose a shorter one'],
  EMFILE: ['too many files are open', 'raise the limit of open files (ulimit -n)'],
  EIO: ['the disk reports an error', 'check the disk or choose another folder'],
};

/** Why, in words where we have them: 'no space is left on the disk, ENOSPC'. */
export function fileReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const known = KNOWN[code];
  return known ? `${known[0]}, ${code}` : messageOf(error).split('\n', 1)[0];
}

/**
 * `what: cannot be written (reason); fix`, and what to do then, where there is more. An error that is a sentence of ours
 * already stays as it is.
 */
export function writeError(what: string, error: unknown, afterwards?: string): RxaugError {
  if (error instanceof RxaugError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const fix = [KNOWN[code]?.[1] ?? 'choose another path', afterwards].filter(Boolean).join(', then ');
  return new RxaugError(`${what}: cannot be written (${fileReason(error)}); ${fix}`, { cause: error });
}
