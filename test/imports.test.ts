/** The rooms of src/ and who may look into which; files stay small enough to read at a sitting. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Each room, and the rooms that it may import from. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kernels: ['core'],
  augment: ['core', 'kernels'],
  io: ['core'],
  stream: ['core', 'kernels', 'augment', 'io'],
  graph: ['core'],
  train: ['core', 'stream', 'graph'],
  gan: ['core', 'stream', 'graph', 'train'],
  report: ['core'],
  datasets: ['core', 'io', 'stream'],
  prepare: ['core', 'kernels', 'augment', 'io', 'stream', 'graph', 'report'],
  cluster: ['core', 'io', 'prepare', 'search'],
  search: ['core', 'augment', 'io', 'stream', 'graph', 'train', 'gan', 'report'],
  pipeline: ['core', 'augment', 'io', 'stream', 'train', 'gan', 'report', 'datasets', 'search', 'prepare'],
};
/** These stand above all rooms. */
const ABOVE = ['cli', 'index.ts', 'faces', 'testing'];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly target: string;
}

const files = (readdirSync(src, { recursive: true }) as string[])
  .filter((file) => /\.(ts|mts|cts)$/.test(file))
  .sort();
const room = (file: string) => file.split(sep)[0] as string;
const text = (file: string) => readFileSync(join(src, file), 'utf8');

/** What a file imports, exports from or loads later, types included. */
function specifiers(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g);
  return [...found].map((match) => match[2] as string);
}

/** What is loaded with a file at once: not types, and not what is imported later. */
function loaded(source: string): string[] {
  const statements = source.matchAll(/^(?:import|export) (?!type )(?:([^;'=]*?)\bfrom )?'([^'\n]+)'/gm);
  return [...statements].flatMap(([, names = '*', from]) =>
    /[^\s{},]/.test(names.replace(/\btype\s+\w+(\s+as\s+\w+)?/g, '')) ? [from as string] : [],
  );
}

const imports: Import[] = files.flatMap((file) =>
  specifiers(text(file))
    .filter((from) => from.startsWith('.'))
    .map((from) => ({ file, from, target: relative(src, resolve(src, dirname(file), from)) })),
);

describe('src', () => {
  it('specifiers() finds static and dynamic imports in all files', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(300);
    expect(
      specifiers("import { a } from './a.js';\nexport * from '../b.js';\nawait import('./c.js');"),
    ).toEqual(['./a.js', '../b.js', './c.js']);
  });

  it('has only known top-level folders', () => {
    const known = new Set([...Object.keys(ROOMS), ...ABOVE]);
    expect(files.filter((file) => !known.has(room(file)))).toEqual([]);
  });

  it('imports go one way', () => {
    const wrong = imports.filter(({ file, target }) => {
      const [here, there] = [room(file), room(target)];
      return !ABOVE.includes(here) && here !== there && !ROOMS[here]?.includes(there);
    });
    expect(wrong.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
  });

  it('imports stay inside src', () => {
    expect(imports.filter(({ target }) => target.startsWith('..')).map(({ file }) => file)).toEqual([]);
  });

  it('no two files import each other, however far around', () => {
    const next = new Map<string, string[]>();
    for (const file of files) {
      const to = specifiers(text(file)).map((from) => join(dirname(file), from).replace(/\.js$/, '.ts'));
      next.set(
        file,
        to.filter((other) => files.includes(other)),
      );
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: string[]): void => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(' → '));
      if (at >= 0 || done.has(file)) return;
      for (const to of next.get(file) ?? []) walk(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    expect(circles).toEqual([]);
  });

  it('a worker thread loads no more of RxJS than core/rx.ts takes', () => {
    const reached = new Set([join('stream', 'workers', 'worker.ts')]);
    const wrong: string[] = [];
    for (const file of reached)
      for (const from of loaded(text(file))) {
        if (/^rxjs(\/operators)?$/.test(from)) wrong.push(`${file} imports ${from}`);
        if (from.startsWith('.')) reached.add(join(dirname(file), from).replace(/\.js$/, '.ts'));
      }
    expect(reached).toContain(join('core', 'rx.ts'));
    expect(reached.size).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
    expect(loaded("import { type A, b } from 'rxjs';\nimport { type A } from './a.js';")).toEqual(['rxjs']);
    expect(loaded("import type { A } from 'rxjs';\nexport * from './a.js';")).toEqual(['./a.js']);
  });

  it('only the command line knows the process: its arguments, its exit code and its standard streams', () => {
    const wrong = files.filter(
      (file) => room(file) !== 'cli' && /\bprocess\.(argv|exit|exitCode|stdout|stdin)\b/.test(text(file)),
    );
    expect(wrong).toEqual([]);
  });

  it('no folder has more than 32 files side by side; layers, one file each, are excepted', () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const crowded = [...counts].filter(([folder, n]) => n > 32 && folder !== join('train', 'layers'));
    expect(crowded).toEqual([]);
  });

  it('no file is longer than 400 lines, and each says what it does', () => {
    const lines = (file: string) => text(file).split('\n').length - 1;
    expect(files.filter((file) => lines(file) > 400)).toEqual([]);
    // At its top, or on what it exports.
    const says = (file: string) => /^(#!.*\n)?\s*\/[/*]|\*\/\nexport /.test(text(file));
    const silent = files.filter((file) => lines(file) > 25 && !says(file));
    expect(silent.filter((file) => !file.endsWith('index.ts'))).toEqual([]);
  });
});
