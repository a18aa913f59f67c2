/**
 * Mutated images, archives and annotations, as a preparation reads them: none ends or holds up the process, and whatever is
 * refused has its reason. `RXAUG_MUTANTS=10000 npx vitest run test/faults/prepare-fuzz.test.ts` for so many; by default
 * fewer.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchFolder } from '../io/make.js';
import { bombs } from './bombs.js';
import { fuzzBases } from './fuzz-bases.js';
import type { Base, Line } from './prepare-fuzz-child.js';

const MUTANTS = Number(process.env.RXAUG_MUTANTS ?? 400);
/** Milliseconds of CPU time beyond which a file is a hang; of the clock beyond which the process is ended. */
const [LONGEST, PATIENCE] = [5000, 120_000];
/** MiB of the whole process. */
const MOST_MEMORY = 900;

const folder = scratchFolder();
// Beside the packages, so that the bundle finds them.
const bundle = join(process.cwd(), 'node_modules', '.cache', `rxaug-prepare-fuzz-${process.pid}`);
afterAll(() => rmSync(bundle, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(bundle, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'prepare-fuzz-child.ts')],
    outfile: join(bundle, 'child.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  });
}, 120_000);

/** What became of the data sets of a list from `first` on, and the one in hand when the process ended, if it did. */
function watch(file: string, first: number, count: number): Promise<Watched> {
  return new Promise((resolve) => {
    const args = ['--max-old-space-size=512', join(bundle, 'child.mjs'), file, folder];
    const env = { ...process.env, RXAUG_CACHE: join(folder, 'cache') };
    const child = spawn(process.execPath, [...args, String(first), String(count)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: Line[] = [];
    let current = first;
    const hung = () => child.kill('SIGKILL');
    let timer = setTimeout(hung, PATIENCE);
    createInterface(child.stdout).on('line', (text) => {
      clearTimeout(timer);
      timer = setTimeout(hung, PATIENCE);
      const line = JSON.parse(text) as Line;
      if (line.begin === undefined) lines.push(line);
      else current = line.begin;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ lines, how: `code ${code}, signal ${signal}`, ...(code !== 0 && { crashed: current }) });
    });
  });
}

interface Watched {
  readonly lines: Line[];
  readonly crashed?: number;
  readonly how: string;
}

/** All of them, whatever ends on the way: none may. */
async function lookAtAll(name: string, from: readonly Base[], count: number): Promise<Line[]> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(from));
  const lines: Line[] = [];
  const crashes: string[] = [];
  for (let next = 0; next < count; ) {
    const found = await watch(file, next, count);
    lines.push(...found.lines);
    if (found.crashed === undefined) break;
    const { format } = from[found.crashed % from.length] as Base;
    crashes.push(`number ${found.crashed} (${format}) ended the process: ${found.how}`);
    next = found.crashed + 1;
  }
  expect(crashes).toEqual([]);
  expect(lines.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(lines.filter(({ end }) => end === 'wrong')).toEqual([]);
  expect(lines.filter(({ cpu }) => cpu > LONGEST)).toEqual([]);
  return lines;
}

const most = (numbers: readonly number[]) => Math.round(Math.max(...numbers));

it(`${MUTANTS} mutants of all formats: no crash, no hang, every refusal with its reason`, async () => {
  const bases = await fuzzBases(folder);
  const lines = await lookAtAll('mutants', bases, MUTANTS);
  const peak = most(lines.map((line) => line.peak));
  expect(peak).toBeLessThan(MOST_MEMORY);
  const count = (end: Line['end']) => lines.filter((line) => line.end === end).length;
  const formats = new Set(bases.map(({ format }) => format));
  console.log(
    `${lines.length} mutants of ${formats.size} formats: ${count('whole')} read whole, ${count('partly')} partly, ${count('refused')} refused; 0 crashes; the slowest took ${most(lines.map(({ cpu }) => cpu))} ms of CPU time; ${peak} MiB at most`,
  );
  // The damage must reach what is checked, and leave some data sets whole.
  for (const end of ['whole', 'partly', 'refused'] as const)
    expect(count(end)).toBeGreaterThan(lines.length / 20);
}, 3_600_000);

it('200 bombs: little memory, no hang, each refused with its reason or read for what it is', async () => {
  const all = await bombs();
  expect(all.length).toBeGreaterThanOrEqual(200);
  const lines = await lookAtAll('bombs', all, all.length);
  const peak = most(lines.map((line) => line.peak));
  console.log(
    `${lines.length} bombs: ${lines.filter(({ end }) => end !== 'whole').length} refused; the slowest took ${most(lines.map(({ cpu }) => cpu))} ms of CPU time; ${peak} MiB at most`,
  );
  expect(peak).toBeLessThan(MOST_MEMORY);
}, 600_000);
