/** What fuzz tests share: a child process that takes damaged files one by one, so that a crash or a hang ends it and not the tests. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

/** A child of this folder as one file, from the start of the tests to their end. */
export function bundled(child: string): string {
  // Beside the packages, so that the bundle finds them.
  const folder = join(process.cwd(), 'node_modules', '.cache', `rxaug-${child}-${process.pid}`);
  const outfile = join(folder, 'child.mjs');
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    await build({
      entryPoints: [join(import.meta.dirname, `${child}.ts`)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
    });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return outfile;
}

/** What a child wrote: a line of JSON for each file when it begins (`begin`), and one when it ends. */
export interface Watched<Line> {
  /** Of the files that ended. */
  readonly lines: Line[];
  /** The `begin` of the file in hand when the child ended. */
  readonly current: unknown;
  /** How the child ended, if not well: a crash, or killed after `patience` milliseconds without a line. */
  readonly failed: string | undefined;
}

/** Runs node with these arguments until it ends. The first line may take four times as long as the others. */
export function watch<Line extends object>(
  args: readonly string[],
  patience: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Watched<Line>> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: Line[] = [];
    let current: unknown = 'the start';
    const hung = () => child.kill('SIGKILL');
    let timer = setTimeout(hung, 4 * patience);
    createInterface(child.stdout).on('line', (text) => {
      clearTimeout(timer);
      timer = setTimeout(hung, patience);
      const line = JSON.parse(text) as Line & { readonly begin?: unknown };
      if (line.begin === undefined) lines.push(line);
      else current = line.begin;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ lines, current, failed: code === 0 ? undefined : `code ${code}, signal ${signal}` });
    });
  });
}

/** The lines of a child that must not fail. */
export async function linesOf<Line extends object>(
  args: readonly string[],
  patience: number,
): Promise<Line[]> {
  const { lines, current, failed } = await watch<Line>(args, patience);
  if (failed) throw new Error(`the child crashed or hung at ${current} (${failed})`);
  return lines;
}
