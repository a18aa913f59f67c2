/** What a run finds in its output folder, and what is said to continue one. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueCommand } from '../../src/cli/continue-command.js';
import { hasFinished, makeRoom } from '../../src/cli/earlier-run.js';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'rxaug-earlier-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const log = (...events: object[]) => {
  const file = join(out, 'events.jsonl');
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return file;
};
const done = { kind: 'done', step: 3, epochs: 1 };

describe('makeRoom', () => {
  it('lets a run begin in an empty folder, and where nothing was trained', () => {
    makeRoom(out, {});
    log({ kind: 'run' }, { kind: 'result' });
    makeRoom(out, {});
  });

  it('refuses a folder with a finished run, with the three ways on', () => {
    log({ kind: 'run' }, done, { kind: 'bad', id: 'a' });
    expect(() => makeRoom(out, {})).toThrow(
      `${out}: holds a run that is finished; continue it with --resume, give another folder with --out, or replace it with --overwrite`,
    );
  });

  it('refuses a folder with the checkpoint of an unfinished run', () => {
    log({ kind: 'run' }, { ...done, stopped: 'aborted' });
    writeFileSync(join(out, 'last.ckpt'), '');
    expect(() => makeRoom(out, {})).toThrow(`${out}: holds a run that is not finished; continue it with`);
  });

  it('with overwrite removes the checkpoints of the earlier run', () => {
    log(done);
    for (const name of ['last.ckpt', 'best.ckpt', 'mine.txt']) writeFileSync(join(out, name), '');
    makeRoom(out, { overwrite: true });
    expect(['last.ckpt', 'best.ckpt', 'mine.txt'].map((name) => existsSync(join(out, name)))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('hasFinished', () => {
  it('is true of a training that came to its end, also by early stopping', () => {
    expect(hasFinished(log(done))).toBe(true);
    expect(hasFinished(log({ ...done, stopped: 'early-stopping' }))).toBe(true);
  });

  it('is false of one that was aborted, of a named one among several, and of no log', () => {
    expect(hasFinished(log({ ...done, stopped: 'aborted' }))).toBe(false);
    expect(hasFinished(log({ ...done, run: 'judge' }))).toBe(false);
    expect(hasFinished(log({ kind: 'text', text: '"done"' }))).toBe(false);
    expect(hasFinished(join(out, 'none.jsonl'))).toBe(false);
  });

  it('reads the end of a long log only, the first line of which is cut', () => {
    const steps = Array.from({ length: 3000 }, (_, step) => ({ kind: 'step', step, metrics: { loss: 1 } }));
    expect(hasFinished(log(...steps, done))).toBe(true);
    expect(hasFinished(log(done, ...steps))).toBe(false);
  });
});

describe('continueCommand', () => {
  it('is the command with --resume, once, and without --overwrite', () => {
    const args = ['run', 'a.ts', '--set', 'epochs=3', '--overwrite', '--seed', '7'];
    expect(continueCommand(args)).toBe('npx rxaug run a.ts --set epochs=3 --seed 7 --resume');
    expect(continueCommand(['run', 'a.ts', '--resume'])).toBe('npx rxaug run a.ts --resume');
  });

  it('quotes what a shell would read otherwise', () => {
    expect(continueCommand(['run', 'my file.ts', '--set', "data=it's/*.tar"])).toBe(
      "npx rxaug run 'my file.ts' --set 'data=it'\\''s/*.tar' --resume",
    );
  });
});
