/** The file of a scan: what was changed in it is scanned again, and is in no plan. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localPool, type Pool } from '../../src/core/children/pool.js';
import { type ScanHead, scanLines } from '../../src/prepare/scan/checked-lines.js';
import { scan } from '../../src/prepare/scan/scan.js';
import {
  type PrepareInit,
  type PrepareResult,
  type PrepareTask,
  prepareWork,
} from '../../src/prepare/work.js';
import { dataset, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-scan-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const images = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.png`, 0]));
const source = dataset(join(root, 'images'), images, ['one']);
beforeAll(async () => {
  for (const [i, name] of Object.keys(images).entries()) await write(join(root, 'images', name), i);
});

interface Planned {
  readonly digest: string;
  readonly notices: readonly string[];
  /** Numbers of the images that were looked at. */
  readonly looked: readonly number[];
}

const work = join(root, 'work');
const file = join(work, 'scan.jsonl');
let outs = 0;

/** A plan of what the scan in the folder for work finds. */
async function plan(): Promise<Planned> {
  const out = join(root, `out-${outs++}`);
  const looked: number[] = [];
  const pool = (init: PrepareInit): Pool<PrepareTask, PrepareResult> => {
    const own = localPool(prepareWork(init), new AbortController().signal);
    return {
      ...own,
      run(task: PrepareTask, options) {
        if (task.kind === 'scan') looked.push(...task.items.map(({ index }) => index));
        return own.run(task, options);
      },
    };
  };
  const { notices } = await prepareHere({ source }, out, { work, pool, planOnly: true });
  const { digest } = JSON.parse(readFileSync(join(out, '.rxaug/plan.json'), 'utf8')) as { digest: string };
  return { digest, notices, looked };
}

const numbers = (from: number) => Array.from({ length: 8 - from }, (_, i) => from + i);

/** Line 0 is the head. */
const DAMAGE: Readonly<Record<string, (lines: string[]) => readonly [lines: string[], from: number]>> = {
  'a size was edited': (lines) => [
    lines.with(4, (lines[4] as string).replace('"width":48', '"width":64')),
    3,
  ],
  'two lines have changed places': (lines) => [
    lines
      .with(3, (lines[4] as string).replace('"index":3', '"index":2'))
      .with(4, (lines[3] as string).replace('"index":2', '"index":3')),
    2,
  ],
  'an image became another one': (lines) => [
    lines.with(3, (lines[6] as string).replace('"index":5', '"index":2')),
    2,
  ],
  'a line is gone': (lines) => [lines.toSpliced(5, 1), 4],
  'a line is doubled': (lines) => [lines.toSpliced(5, 0, lines[4] as string), 4],
  'a line is no JSON': (lines) => [lines.with(7, '{"index":6,'), 6],
  'a line is another value': (lines) => [lines.with(1, 'null'), 0],
  'there are lines behind the last': (lines) => [lines.toSpliced(9, 0, lines[8] as string), 8],
};

it.each(Object.keys(DAMAGE))('%s: images from there on are scanned again, to the same plan', async (name) => {
  const clean = await plan();
  const whole = readFileSync(file, 'utf8');
  expect((await plan()).looked).toEqual([]);
  const [lines, from] = (DAMAGE[name] as (typeof DAMAGE)[string])(whole.split('\n'));
  expect(lines.join('\n')).not.toBe(whole);
  writeFileSync(file, lines.join('\n'));
  const again = await plan();
  expect(again.looked).toEqual(numbers(from));
  expect(again.notices).toEqual([
    `${file}: line ${from + 2} is not what the scan wrote of image ${from}; images from there on are scanned again`,
  ]);
  expect(again.digest).toBe(clean.digest);
  expect(readFileSync(file, 'utf8')).toBe(whole);
});

it('a last line that was cut short is scanned again without a word', async () => {
  const clean = await plan();
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.slice(0, -20));
  const again = await plan();
  expect([again.looked, again.notices, again.digest]).toEqual([[7], [], clean.digest]);
  expect(readFileSync(file, 'utf8')).toBe(whole);
});

it('a line that changes between scan and plan is refused by its number', async () => {
  const own = join(root, 'own.jsonl');
  const head: ScanHead = { scan: 2, source: 'made', images: 8, pixels: false, memory: 1 };
  const { signal } = new AbortController();
  const silent = { progress: () => undefined, notice: () => undefined };
  const pool = localPool(prepareWork({ out: root, staging: root }), signal) as never;
  await scan(source, { file: own, head, pool, signal, ...silent });
  expect([...scanLines(own, head)].map(({ index }) => index)).toEqual(numbers(0));
  expect(JSON.stringify([...scanLines(own, head)])).not.toContain('check');
  const whole = readFileSync(own, 'utf8');
  writeFileSync(own, whole.replace('"width":48', '"width":47'));
  expect(() => [...scanLines(own, head)]).toThrow(`${own}: line 2, of image 0, is not what the scan wrote;`);
  writeFileSync(own, whole.split('\n').slice(0, 6).join('\n'));
  expect(() => [...scanLines(own, head)]).toThrow(/line \d, of image \d, is not what the scan wrote/);
  expect(() => [...scanLines(own, { ...head, source: 'another' })]).toThrow('line 2, of image 0');
});
