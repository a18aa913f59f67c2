/** What a set-up finds that comes after one that was killed, with an npm of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { areCurrent, sentenceFor } from '../../scripts/setup/dependencies.mjs';
// @ts-expect-error plain JavaScript
import { systemSentence } from '../../scripts/setup/fixes.mjs';

const dependencies = fileURLToPath(new URL('../../scripts/setup/dependencies.mjs', import.meta.url));

/** Notes when it begins and ends; `mode` says what it does in between: it waits for a file, or fails as npm does. */
const NPM = `
  import fs from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const note = (line) => fs.appendFileSync('npm.log', line + ' ' + process.pid + '\\n');
  const lock = 'node_modules/.package-lock.json';
  const mode = fs.readFileSync('mode', 'utf8');
  note('begins');
  fs.mkdirSync('node_modules/a', { recursive: true });
  fs.rmSync('node_modules/a/package.json', { force: true });
  if (mode === 'wait') for (fs.writeFileSync('waiting', ''); !fs.existsSync('go'); ) await sleep(20);
  if (mode === 'stumble' && fs.existsSync('node_modules/half')) {
    console.error('npm error code ENOTEMPTY\\nnpm error ENOTEMPTY: directory not empty, rmdir node_modules/half');
    process.exit(1);
  }
  fs.rmSync(lock, { force: true });
  fs.writeFileSync('node_modules/a/package.json', '{}');
  fs.writeFileSync(lock, JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  note('ends');
`;

let root: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-installing-'));
  write('npm.js', NPM);
  write('package.json', '{"type":"module"}');
  write('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  write('npm.log', '');
});
afterEach(() => {
  write('go', '');
  for (const child of children.splice(0)) child.kill('SIGKILL');
  fs.rmSync(root, { recursive: true, maxRetries: 10 });
});

const write = (file: string, text: string) => fs.writeFileSync(path.join(root, file), text);
const log = () =>
  fs
    .readFileSync(path.join(root, 'npm.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

/** The set-up's step in a process that can be killed. */
function setUp() {
  const code = `await (await import(${JSON.stringify(dependencies)})).ensureDependencies(${JSON.stringify(root)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, npm_execpath: path.join(root, 'npm.js') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, said: () => said };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A set-up that is killed while its npm is at work; gives the process id of that npm. */
async function killed(): Promise<number> {
  write('mode', 'wait');
  const { child, ended } = setUp();
  await until(() => fs.existsSync(path.join(root, 'waiting')));
  child.kill('SIGKILL');
  await ended;
  return Number(log()[0][1]);
}

it('row 20: a set-up right after one that was killed waits for the npm that survived, and takes what it made', async () => {
  const npm = await killed();
  const { ended, said } = setUp();
  await until(() => said().includes('still at work'));
  expect(said()).toContain(
    `npm ci of a set-up that was killed is still at work (process ${npm}); waiting for it`,
  );
  write('go', '');
  expect(await ended).toBe(0);
  expect(log().map(([what]) => what)).toEqual(['begins', 'ends']);
  expect(areCurrent(root)).toBe(true);
  expect(fs.existsSync(path.join(root, '.rxaug', 'installing'))).toBe(false);
});

it('row 20: where npm was killed too, what it was at is installed again though an older note says that all is there', async () => {
  // The note of an npm that had finished before, in a folder from which the killed one had begun to remove packages.
  fs.mkdirSync(path.join(root, 'node_modules', 'a'), { recursive: true });
  const npm = await killed();
  process.kill(npm, 'SIGKILL');
  const lock = path.join(root, 'node_modules', '.package-lock.json');
  fs.writeFileSync(lock, JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  fs.utimesSync(lock, new Date(0), new Date(0));
  write('node_modules/a/package.json', '{}');
  expect(areCurrent(root)).toBe(true);
  write('mode', 'well');
  const { ended } = setUp();
  expect(await ended).toBe(0);
  expect(log().map(([what]) => what)).toEqual(['begins', 'begins', 'ends']);
});

it('row 20: a package whose folder is gone is missing, whatever the note of npm says', () => {
  fs.mkdirSync(path.join(root, 'node_modules'));
  write(
    'node_modules/.package-lock.json',
    JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
  );
  expect(areCurrent(root)).toBe(false);
});

it('row 20: what an earlier npm left in the way is removed, and npm runs once more', async () => {
  write('mode', 'stumble');
  fs.mkdirSync(path.join(root, 'node_modules', 'half', 'deep'), { recursive: true });
  const { ended, said } = setUp();
  expect(await ended).toBe(0);
  expect(said()).toContain(
    'npm ci failed over what an earlier one left; emptying node_modules and trying once more',
  );
  expect(log().map(([what]) => what)).toEqual(['begins', 'begins', 'ends']);
  expect(areCurrent(root)).toBe(true);
});

it.each([
  ['npm error code ENOSPC\nnpm error ENOSPC: no space left on device', 'free some space and run it again'],
  ['npm error code EACCES\nnpm error syscall mkdir', 'change the permissions of the folders that it names'],
  ['npm error code ENOTEMPTY', 'remove node_modules and run it again'],
  ['npm error code ENOTFOUND', 'it needs the npm registry, or a cache that holds the packages'],
])('row 20: the advice fits what npm says: %s', (output, fix) => {
  expect(sentenceFor({ output, why: 'exit code 1' })).toContain(fix);
});
it('row 20: an npm that was ended from outside is to be run again', () => {
  expect(sentenceFor({ output: '', why: 'ended by SIGKILL' })).toBe(
    'npm ci failed (ended by SIGKILL); run it again',
  );
});

it('row 20: an error of the file system is a sentence without a stack', () => {
  write('file', '');
  let error: unknown;
  try {
    fs.mkdirSync(path.join(root, 'file', 'below'));
  } catch (thrown) {
    error = thrown;
  }
  expect(systemSentence(error)).toMatch(
    /^ENOTDIR: not a directory, mkdir '.*'; remove what is in the way and run/,
  );
  expect(systemSentence(new TypeError('a fault of ours'))).toBeUndefined();
});
