/**
 * Examples in the docs: every ```ts block that begins with an import type-checks as a reader would write it; where a
 * ```text block follows, the example is run and must print it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(root, 'test', '.examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Example {
  /** 'streams-2': the page, and which of its examples. */
  readonly name: string;
  readonly code: string;
  /** What stands below it. */
  readonly printed?: string;
}

const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((page) => ({ page, examples: examplesIn(page) }))
  .filter(({ examples }) => examples.length > 0);

function examplesIn(page: string): Example[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const found = [...text.matchAll(/^```ts\n(import [\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)];
  return found.map(([, code, printed], i) => ({
    name: `${page.replace('.md', '')}-${i + 1}`,
    code: code as string,
    printed,
  }));
}

it('docs: streams, sources, training and targets have examples that are run', () => {
  const run = pages.filter(({ examples }) => examples.some(({ printed }) => printed !== undefined));
  expect(run.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['sources.md', 'streams.md', 'targets.md', 'training.md']),
  );
});

it('docs: every example that begins with an import type-checks', () => {
  const dir = join(folder, 'types');
  mkdirSync(dir);
  for (const { examples } of pages) {
    // An example without exports would share its names with the others.
    for (const { name, code } of examples) writeFileSync(join(dir, `${name}.ts`), `${code}export {};\n`);
  }
  const config = {
    extends: '../../../tsconfig.json',
    compilerOptions: {
      rootDir: '../../..',
      noEmit: true,
      incremental: false,
      tsBuildInfoFile: null,
      noUnusedLocals: false, // an example may end with what it is about
    },
    include: ['*.ts'],
  };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  let output = '';
  try {
    execFileSync(process.execPath, [tsc, '-p', dir, '--pretty', 'false'], { encoding: 'utf8' });
  } catch (error) {
    output = String((error as { stdout?: unknown }).stdout);
  }
  expect(output).toBe('');
});

const runnable = pages.flatMap(({ examples }) => examples).filter(({ printed }) => printed !== undefined);

it.each(runnable)('docs: example $name prints what the page says', async ({ name, code, printed }) => {
  const file = join(folder, `${name}.ts`);
  writeFileSync(
    file,
    code.replace(/from 'rxaug(\/[\w/-]+)?'/g, (_, path) => `from '${sourceOf(path ?? '')}'`),
  );
  const lines: string[] = [];
  const log = vi
    .spyOn(console, 'log')
    .mockImplementation((...words: unknown[]) => void lines.push(words.join(' ')));
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    log.mockRestore();
  }
  expect(`${lines.join('\n')}\n`).toBe(printed);
});

/** The source of what the package exports by a path: '' or '/layers'. */
function sourceOf(path: string): string {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { default: string }>;
  };
  const entry = exports[`.${path}`];
  const file = typeof entry === 'string' ? entry : entry?.default;
  if (!file) throw new Error(`package.json exports no rxaug${path}`);
  return join(root, file.replace(/^\.\/dist\//, 'src/'));
}
