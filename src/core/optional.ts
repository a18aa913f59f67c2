/** Packages that a program may leave out: loaded when first needed, and named in one sentence when absent. */
import { messageOf, RxaugError } from './errors.js';

/**
 * How packages that were left out are brought: all that rxaug can use, in the versions it is tested with. Their install
 * scripts download files that rxaug does not need; where such a download fails, npm removes the package without a word.
 */
export const INSTALL_OPTIONAL = 'run npm install --include=optional --ignore-scripts';

/**
 * Loads an optional package, as `require` of the calling file finds it.
 *
 * @param purpose what cannot be done without it, as the start of the sentence: `training`
 * @throws RxaugError `purpose: the package NAME is not installed; run …` where it is absent. A package that is there
 *   and fails to load throws what it throws.
 */
export function requireOptional(require: (name: string) => unknown, name: string, purpose: string): unknown {
  try {
    return require(name);
  } catch (error) {
    if (isAbsent(error, name)) throw new RxaugError(absent(name, purpose), { cause: error });
    throw error;
  }
}

/** `training: the package @tensorflow/tfjs-core is not installed; run npm install …`. */
export const absent = (name: string, purpose: string): string =>
  `${purpose}: the package ${name} is not installed; ${INSTALL_OPTIONAL}`;

/** Whether an error of `require` or `import` says that this very package is absent, and not one that it needs. */
export function isAbsent(error: unknown, name: string): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') return false;
  const first = messageOf(error).split('\n', 1)[0] ?? '';
  return first.includes(`'${name}'`) || first.includes(`'${name}/`);
}
