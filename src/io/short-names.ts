/** Names of files for ids and messages. */
import { basename, dirname, relative, sep } from 'node:path';

/** File names without the folders that all share: short and unique. */
export function shortNames(paths: readonly string[]): string[] {
  let shared = dirname(paths[0] as string);
  while (!paths.every((path) => path.startsWith(shared.endsWith(sep) ? shared : shared + sep)))
    shared = dirname(shared);
  return paths.map((path) => relative(shared, path).split(sep).join('/'));
}

/** The name of a data set that has none: that of the first pattern. */
export const namesOf = (patterns: string | readonly string[]): string =>
  basename(typeof patterns === 'string' ? patterns : (patterns[0] as string));
