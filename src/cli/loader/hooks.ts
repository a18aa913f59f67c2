/**
 * Module hooks that let Node import TypeScript without a build: types are stripped by esbuild, `rxaug` means
 * this installation wherever the script is, and `./x.js` finds `./x.ts`. They run on their own
 * thread (`node:module` register), so they know nothing of the rest of the program.
 */
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { strip } from './strip.js';

/** A file of this package: what resolves `rxaug` from here finds itself, through its own `exports`. */
const HERE = import.meta.url;

const OURS = /^rxaug(\/|$)/;
/** Scripts may use RxJS without installing it; where they have their own, that one is taken. */
const LENT = /^rxjs(\/|$)/;
const TYPESCRIPT = /\.m?ts$/;
/** `rxaug-from:URL SPECIFIER`, URI-encoded: what a module at the URL would get by the specifier. */
const FROM = 'rxaug-from:';

export const resolve: ResolveHook = async (asked, context, next) => {
  if (!asked.startsWith(FROM)) return find(asked, context, next);
  const [parentURL = '', specifier = ''] = decodeURIComponent(asked.slice(FROM.length)).split(' ');
  return find(decodeURIComponent(specifier), { ...context, parentURL }, next);
};

const find: ResolveHook = async (specifier, context, next) => {
  if (OURS.test(specifier)) return next(specifier, { ...context, parentURL: HERE });
  try {
    return await next(specifier, context);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    if (LENT.test(specifier)) return next(specifier, { ...context, parentURL: HERE });
    const twin = specifier.replace(/\.(m?)js$/, '.$1ts');
    if (twin === specifier || !/^(\.{0,2}\/|file:)/.test(specifier)) throw error;
    try {
      return await next(twin, context);
    } catch {
      throw error; // it names the file that the script asked for
    }
  }
};

export const load: LoadHook = async (url, context, next) => {
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : '';
  if (!TYPESCRIPT.test(path)) return next(url, context);
  return { format: 'module', shortCircuit: true, source: await strip(path) };
};
