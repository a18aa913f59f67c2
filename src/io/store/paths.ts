/** Names of files in a store: relative, with forward slashes, the same on every system. */
import { isTemporary } from '../../core/files/temporary-file.js';
import { show, UsageError } from '../../core/index.js';

/** S3 allows 1,024 bytes for prefix and name together. */
const LONGEST = 800;

/** Why a path cannot be one of a store, with a fix; '' if it can. */
function pathFault(path: string): string {
  if (path === '') return 'it is empty; name the file';
  if (Buffer.byteLength(path) > LONGEST) return `it has more than ${LONGEST} bytes; shorten it`;
  // Control characters, and what Windows forbids or reads otherwise.
  if (/[\p{Cc}\\:*?"<>|]/u.test(path))
    return 'it holds a character that not all systems allow; rename the file';
  if (path.startsWith('/')) return 'it is absolute; give it relative to the store';
  for (const name of path.split('/')) {
    if (name === '') return 'it holds an empty name; remove the second slash';
    if (name === '.' || name === '..') return `it holds '${name}'; give the plain path below the store`;
    if (/[. ]$/.test(name)) return 'a name in it ends in a dot or a space; rename the file';
    if (isTemporary(name)) return 'it is a name of temporary files; rename the file';
  }
  return '';
}

/** @throws UsageError for a path that cannot be one */
export function checkPath(path: string): string {
  const fault = pathFault(path);
  if (fault) throw new UsageError(`store: path ${show(path)}: ${fault}`);
  return path;
}
