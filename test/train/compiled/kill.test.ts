/**
 * A compiled training is killed again and again and resumed: its losses are those of a training that ran to its end, to the
 * bit on one engine. On the other engine they go on within rounding. RXAUG_KILLS says how often, default 1.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Draws, keyOf } from '../../../src/core/index.js';
import { findPjrtPlugin } from '../../../src/graph/pjrt/index.js';
import { native } from '../../../src/train/backends/native.js';

const KILLS = Number(process.env.RXAUG_KILLS ?? 1);
/** Milliseconds, for a test that hangs. */
const LIMIT = (10 + KILLS) * 60_000;
const child = fileURLToPath(new URL('training-child.mjs', import.meta.url));
const hasNative = await native.load().then(
  () => true,
  () => false,
);
const hasXla = findPjrtPlugin() !== undefined;

type Losses = Map<number, string>;

/** Runs a training in a process until its end, or until it is killed after a step; whether it came to its end. */
async function run(
  dir: string,
  losses: Losses,
  {
    backend,
    compile = true,
    killAt = Number.POSITIVE_INFINITY,
  }: { backend: string; compile?: boolean; killAt?: number },
): Promise<boolean> {
  const process_ = spawn(process.execPath, [child, backend, JSON.stringify(compile), dir]);
  let errors = '';
  process_.stderr.on('data', (data) => {
    errors += data;
  });
  const closed = new Promise<number | null>((resolve) => process_.once('close', resolve));
  let ended = false;
  for await (const line of createInterface({ input: process_.stdout })) {
    if (line === 'end') {
      ended = true;
      continue;
    }
    const [step, loss] = line.split(' ');
    const before = losses.get(Number(step));
    if (before !== undefined) expect(loss, `step ${step}, again`).toBe(before);
    losses.set(Number(step), loss);
    if (Number(step) >= killAt) process_.kill('SIGKILL');
  }
  const code = await closed;
  if (!ended && code !== null) throw new Error(`the training ended with ${code}: ${errors}`);
  return ended;
}

const folder = () => mkdtempSync(join(tmpdir(), 'rxaug-compiled-kill-'));
const whole = new Map<string, Promise<Losses>>();

/** Losses of a training that nobody kills. */
function undisturbed(backend: string, compile = true): Promise<Losses> {
  const key = `${backend} ${compile}`;
  const made = whole.get(key) ?? runWhole(backend, compile);
  whole.set(key, made);
  return made;
}

async function runWhole(backend: string, compile: boolean): Promise<Losses> {
  const dir = folder();
  const losses: Losses = new Map();
  expect(await run(dir, losses, { backend, compile })).toBe(true);
  rmSync(dir, { recursive: true });
  return losses;
}

/** Whether two trainings have the same losses but for rounding. */
function expectClose(actual: Losses, expected: Losses): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [step, loss] of expected)
    expect(Math.abs(Number(actual.get(step)) - Number(loss)), `step ${step}`).toBeLessThan(
      1e-4 * Math.max(1, Number(loss)),
    );
}

describe.each([
  ['tensorflow', hasNative],
  ['xla', hasXla],
] as const)('on %s', { timeout: LIMIT }, (backend, here) => {
  test.skipIf(!here)('a training killed at any moment ends with the same losses, to the bit', async () => {
    const expected = await undisturbed(backend);
    expect(expected.size).toBe(40);
    const draws = new Draws(keyOf(7));
    let kills = 0;
    while (kills < KILLS) {
      const dir = folder();
      const losses: Losses = new Map();
      let done = 0;
      for (;;) {
        const killAt = kills < KILLS ? done + 1 + draws.int(15) : Number.POSITIVE_INFINITY;
        if (await run(dir, losses, { backend, killAt })) break;
        kills++;
        done = Math.max(...losses.keys());
      }
      expect([...losses].sort(([a], [b]) => a - b)).toEqual([...expected]);
      rmSync(dir, { recursive: true });
    }
  });

  test.skipIf(!here || !hasNative)(
    'the steps kernel by kernel give the same losses but for rounding',
    async () => {
      expectClose(await undisturbed(backend), await undisturbed('tensorflow', false));
    },
  );

  test.skipIf(!hasNative || !hasXla)('a training that was killed goes on with the other engine', async () => {
    const dir = folder();
    const first: Losses = new Map();
    expect(await run(dir, first, { backend, killAt: 17 })).toBe(false);
    const rest: Losses = new Map();
    const other = backend === 'xla' ? 'tensorflow' : 'xla';
    expect(await run(dir, rest, { backend: other })).toBe(true);
    expectClose(new Map([...first, ...rest]), await undisturbed('tensorflow'));
    rmSync(dir, { recursive: true });
  });
});
