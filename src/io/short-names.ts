/** Names of files for ids and messages. */
import { basename, sep } from 'node:path';
import { isRemote, shownPlace } from './remote/shown-place.js';

/** Paths or URLs without the folders that all share, with forward slashes: short and unique. */
export function shortNames(places: readonly string[]): string[] {
  const split = places.map((place) => (isRemote(place) ? place.split('/') : place.split(sep)));
  const first = split[0] ?? [];
  let shared = 0;
  while (split.every((names) => shared < names.length - 1 && names[shared] === first[shared])) shared++;
  return split.map((names) => names.slice(shared).join('/'));
}

/** The name of a data set that has none: that of the first pattern. */
export const namesOf = (patterns: string | readonly string[]): string =>
  basename(shownPlace(typeof patterns === 'string' ? patterns : (patterns[0] as string)));
