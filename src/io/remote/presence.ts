/** Whether a file of a server is there, where it may be missing. */
import { RxaugError } from '../../core/index.js';
import { type Problem, problem } from '../problems.js';
import type { LocalFile, NotFetched } from './localize.js';

/**
 * The file, or undefined where there is none. Servers may refuse what is not there, in place of saying so: what is refused
 * counts as missing, and is noted.
 *
 * @throws RxaugError if it cannot be fetched for another reason
 */
export function presence(
  where: string,
  file: LocalFile | NotFetched,
  problems: Problem[],
): LocalFile | undefined {
  if (!('fault' in file)) return file;
  if (file.absent) return undefined;
  if (!file.refused) throw new RxaugError(file.fault);
  const reason = `counts as missing, since some servers answer so for what is not there: ${file.fault}`;
  problems.push(problem(where, reason, 0));
  return undefined;
}
