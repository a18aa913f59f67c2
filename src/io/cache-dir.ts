import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for files that can be made again (shard indexes, rendered data sets, compiled TensorFlow): `$RXAUG_CACHE` if
 * it is set, else `rxaug` in the system's cache folder of this user (`~/.cache` on Linux, `~/Library/Caches` on macOS,
 * `%LOCALAPPDATA%` on Windows). The folder is not created.
 *
 * @param parts names below it
 *
 * @example
 * cacheDir('index') // → '…index'
 */
export function cacheDir(...parts: string[]): string {
  const { RXAUG_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (RXAUG_CACHE) return join(RXAUG_CACHE, ...parts);
  const base =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Caches')
      : process.platform === 'win32'
        ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
        : XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'rxaug', ...parts);
}

/** The folder of this kind that a reader's option `cache` names: the user's, another one, or none. */
export function cacheFolder(kind: string, option: true | string): string;
export function cacheFolder(kind: string, option: boolean | string): string | undefined;
export function cacheFolder(kind: string, option: boolean | string): string | undefined {
  return option === true ? cacheDir(kind) : option || undefined;
}
