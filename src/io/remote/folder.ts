/**
 * A folder whose layout a reader knows: on this machine, in a bucket of S3, or on a web server, which lists nothing. Names
 * of files are relative to it, with forward slashes.
 */
import type { Passed } from '../passed.js';
import type { Problem } from '../problems.js';

export interface Folder {
  /** On this machine. */
  readonly root?: string;
  /** Whether it can be asked what is in it. */
  readonly lists: boolean;
  /** A file, or the folder itself, as it may be printed. */
  shown(name?: string): string;
  /** Names directly in a folder, hidden ones left out, in natural order. @throws UsageError if it cannot be listed */
  list(folder: string): Promise<string[]>;
  /** Images below a folder, in natural order; what is none is noted. */
  images(folder: string, problems: Problem[], passed: Passed): Promise<string[]>;
  /** The first of these files that is there; it is fetched. @throws RxaugError if it is there and cannot be fetched */
  first(names: readonly string[]): Promise<string | undefined>;
  /** Whether there is such a folder. A web server does not say. */
  hasFolder(name: string): boolean;
  /** Fetches files where they are not on this machine. `lacks` and `faultOf` say what could not be fetched. */
  fetch(names: Iterable<string>): Promise<void>;
  /** Whether there is no such file. Of a web server it is known of files that were fetched. */
  lacks(name: string): boolean;
  /** Why a file could not be fetched that is there, or may be. */
  faultOf(name: string): string | undefined;
  /** Whether a file that may be missing was refused: some servers that list nothing answer 403 for what is not there. */
  mayLack(name: string): boolean;
  /** Where a file is on this machine. */
  path(name: string): string;
  /** What identifies the bytes of a file that was fetched, by its path. */
  versionOf(path: string): string | undefined;
  /** One problem for all that are there and could not be fetched. */
  problems(where: string): Problem[];
}
