/**
 * Mutated images, archives and annotations, as a preparation reads them: none ends or holds up the process, and whatever is
 * refused has its reason. `RXAUG_MUTANTS=10000 npx vitest run test/faults/prepare-fuzz.test.ts` for so many; by default
 * fewer.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchFolder } from '../io/make.js';
import { bombs } from './bombs.js';
import { fuzzBases } from './fuzz-bases.js';
import { bundled, watch } from './fuzz-process.js';
import type { Base, Line } from './prepare-fuzz-child.js';

const MUTANTS = Number(process.env.RXAUG_MUTANTS ?? 400);
/** Milliseconds of CPU time beyond which a file is a hang; of the clock beyond which the process is ended. */
const [LONGEST, PATIENCE] = [5000, 120_000];
/** MiB of the whole process. */
const MOST_MEMORY = 900;

const folder = scratchFolder();
const child = bundled('prepare-fuzz-child');

/** All of them, whatever ends on the way: none may. */
async function lookAtAll(name: string, from: readonly Base[], count: number): Promise<Line[]> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(from));
  const lines: Line[] = [];
  const crashes: string[] = [];
  for (let next = 0; next < count; ) {
    const args = ['--max-old-space-size=512', child, file, folder, String(next), String(count)];
    const found = await watch<Line>(args, PATIENCE, { RXAUG_CACHE: join(folder, 'cache') });
    lines.push(...found.lines);
    if (found.failed === undefined) break;
    const number = typeof found.current === 'number' ? found.current : next;
    const { format } = from[number % from.length] as Base;
    crashes.push(`number ${number} (${format}) ended the process: ${found.failed}`);
    next = number + 1;
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
