/** Commands on a disk that does not take what they write, and on checkpoints that were changed: one sentence each. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MADE, MAIN, Workspace } from './command.js';

const TRAINS = `
import { mlp, train } from 'rxaug';
import pipeline from './made.ts';
export default {
  ...pipeline,
  run: (batches$, { out, resume, signal, backend }) =>
    train(batches$, { model: mlp({ hidden: [8] }), checkpoint: { dir: out }, resume, signal, backend }),
};
`;
const at = new Workspace({ 'made.ts': MADE, 'trains.ts': TRAINS, file: 'old' });
afterAll(() => at.dispose());
const train = (...more: string[]) =>
  at.rxaug(['run', 'trains.ts', '--backend', 'cpu', '--workers', '0', ...more]);

beforeAll(async () => {
  expect((await train('--out', 'run')).code).toBe(0);
});

it.each([
  ['export', ['export', 'rand-m9-n2', '--to', 'torchvision', '--out', 'file/x.py']],
  ['plugin create', ['plugin', 'create', 'lens', '--dir', 'file/lens']],
  ['preview', ['preview', 'made.ts', '--workers', '0', '--count', '2', '--out', 'file/x.png']],
  ['compare', ['compare', 'run', '--out', 'file/x.svg']],
  ['onnx', ['onnx', 'run/last.ckpt', 'file/x.onnx']],
  ['run', ['run', 'trains.ts', '--backend', 'cpu', '--workers', '0', '--out', 'file/run']],
])('row 20: %s below a file', async (_, args) => {
  const { code, stdout, stderr } = await at.rxaug(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^rxaug: \S*file\S*: the folder cannot be made \(a (part of its path is a file, ENOTDIR|file is in its place, EEXIST)\); choose another place\n$/,
  );
  expect(readFileSync(join(at.path, 'file'), 'utf8')).toBe('old');
});

it.each([
  ['export', ['export', 'rand-m9-n2', '--to', 'torchvision', '--out', 'full']],
  ['the log of a run', ['run', 'trains.ts', '--backend', 'cpu', '--workers', '0', '--out', 'logged']],
])('row 20: %s on a full disk', async (_, args) => {
  if (!existsSync(join(at.path, 'full'))) {
    symlinkSync('/dev/full', join(at.path, 'full'));
    at.write('logged/x', '');
    symlinkSync('/dev/full', join(at.path, 'logged', 'events.jsonl'));
  }
  const { code, stderr } = await at.rxaug(args);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^rxaug: (log )?\S+: cannot be written \(no space is left on the disk, ENOSPC\); free some space or choose another folder\n$/,
  );
});

it('row 20: a standard output on a full disk', () => {
  const { status, stderr } = spawnSync(
    'sh',
    [
      '-c',
      'exec "$0" "$@" >/dev/full',
      process.execPath,
      MAIN,
      'export',
      'rand-m9-n2',
      '--to',
      'torchvision',
    ],
    { cwd: at.path, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      'rxaug: the standard output: cannot be written (no space is left on the disk, ENOSPC); free some space or choose another folder\n',
  });
});

it('row 14: a changed checkpoint is neither exported nor resumed', async () => {
  const whole = readFileSync(join(at.path, 'run', 'last.ckpt'));
  const from = '"position":{"epoch":3';
  expect(whole.includes(from)).toBe(true);
  const changed = Buffer.from(whole);
  changed.write('"position":{"epoch":0', whole.indexOf(from));
  at.write('changed/last.ckpt', changed);
  const sentence = 'changed/last.ckpt: is damaged or cut short; use an older checkpoint\n';
  expect(await at.rxaug(['onnx', 'changed/last.ckpt', 'x.onnx'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `rxaug: checkpoint ${sentence}`,
  });
  expect(existsSync(join(at.path, 'x.onnx'))).toBe(false);
  const resumed = await train('--out', 'changed', '--resume');
  expect(resumed).toMatchObject({ code: 1, stderr: `rxaug: checkpoint ${join(at.path, sentence)}` });
  expect(readFileSync(join(at.path, 'changed', 'last.ckpt')).equals(changed)).toBe(true);
});

it('onnx: a classifier has no function to choose', async () => {
  expect(await at.rxaug(['onnx', 'run/last.ckpt', 'x.onnx', '--function', 'encode'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'rxaug: onnx: run/last.ckpt holds a classifier, which has no functions; leave out --function\n',
  });
});

it('row 20: a log whose last line was cut short by a kill is whole again once the run was resumed', async () => {
  const log = join(at.path, 'run', 'events.jsonl');
  const whole = readFileSync(log, 'utf8');
  writeFileSync(log, `${whole}{"time":"2026-01-01T00:00:00.000Z","kind":"st`);
  expect((await train('--out', 'run', '--resume', '--set', 'epochs=4')).code).toBe(0);
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
  expect(lines.slice(0, whole.split('\n').length - 1).join('\n')).toBe(whole.trimEnd());
  const { code, stderr } = await at.rxaug(['compare', 'run', '--out', 'c.svg']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(join(at.path, 'run')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
