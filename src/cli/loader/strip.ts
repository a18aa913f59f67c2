/**
 * TypeScript or JavaScript to plain JavaScript; a syntax error is one sentence with its place. esbuild does it where it is
 * installed, which is an optional package with a binary for each platform; otherwise Sucrase, which is plain JavaScript.
 */
import { readFile } from 'node:fs/promises';
import type { Transform } from 'sucrase';
import { isAbsent } from '../../core/optional.js';

/** Gives the code with its source map inside. */
type Strip = (source: string, path: string) => Promise<string>;

let chosen: Promise<Strip> | undefined;

export async function strip(path: string): Promise<string> {
  const source = await readFile(path, 'utf8');
  chosen ??= esbuild().then((found) => found ?? sucrase());
  return (await chosen)(source, path);
}

const isTypeScript = (path: string) => /\.m?ts$/.test(path);

/** Undefined where the package, or its binary for this platform, is not installed. */
export async function esbuild(load = () => import('esbuild')): Promise<Strip | undefined> {
  try {
    const { transform } = await load();
    await transform('', { logLevel: 'silent' }); // looks for the binary, and starts it
    return async (source, path) => {
      try {
        const { code } = await transform(source, {
          loader: isTypeScript(path) ? 'ts' : 'js',
          format: 'esm',
          target: 'es2022',
          sourcefile: path,
          sourcemap: 'inline',
          sourcesContent: false,
          logLevel: 'silent',
        });
        return code;
      } catch (error) {
        throw new SyntaxError(sentence(path, error));
      }
    };
  } catch (error) {
    if (isAbsent(error, 'esbuild') || NO_BINARY.test((error as Error).message)) return undefined;
    throw error;
  }
}

/** Messages of esbuild if optional packages were left out, or installed on another platform. */
const NO_BINARY = /could not be found, and is needed by esbuild|esbuild for another platform/;

export async function sucrase(): Promise<Strip> {
  const { transform } = await import('sucrase');
  return async (source, path) => {
    const transforms: Transform[] = isTypeScript(path) ? ['typescript'] : [];
    try {
      const { code, sourceMap } = transform(source, {
        transforms,
        filePath: path,
        disableESTransforms: true,
        sourceMapOptions: { compiledFilename: path },
      });
      const map = Buffer.from(JSON.stringify(sourceMap)).toString('base64');
      return `${code}\n//# sourceMappingURL=data:application/json;base64,${map}\n`;
    } catch (error) {
      throw new SyntaxError(placed(path, error as Misread));
    }
  };
}

interface Failure {
  readonly errors?: readonly {
    readonly text: string;
    readonly location?: { readonly line: number; readonly column: number } | null;
  }[];
}

/** `/home/me/pipeline.ts:3:14: Expected ")" but found "}"`. */
function sentence(path: string, error: unknown): string {
  const first = (error as Failure).errors?.[0];
  if (!first) return `${path}: ${(error as Error).message}`;
  const at = first.location ? `:${first.location.line}:${first.location.column + 1}` : '';
  return `${path}${at}: ${first.text}`;
}

interface Misread extends Error {
  readonly loc?: { readonly line: number; readonly column: number };
}

/** The same for Sucrase: `Error transforming PATH: Unexpected token (3:14)`. */
function placed(path: string, { message, loc }: Misread): string {
  const text = message.replace(`Error transforming ${path}: `, '').replace(/ \(\d+:\d+\)$/, '');
  return `${path}${loc ? `:${loc.line}:${loc.column}` : ''}: ${text}`;
}
