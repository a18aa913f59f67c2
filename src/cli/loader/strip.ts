/** TypeScript or JavaScript to plain JavaScript by esbuild; a syntax error is one sentence with its place. */
import { readFile } from 'node:fs/promises';

export async function strip(path: string): Promise<string> {
  const { transform } = await import('esbuild');
  const source = await readFile(path, 'utf8');
  try {
    const { code } = await transform(source, {
      loader: /\.m?ts$/.test(path) ? 'ts' : 'js',
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
