/** The folder for what can be made again: shard indexes, rendered data sets. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$RXAUG_CACHE`, else the system's place for caches of this user, with the parts appended. */
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
