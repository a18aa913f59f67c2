/** What stops a preparation besides a kill: each is one sentence with its fix, nothing is lost, and it can be continued. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localPool } from '../../src/core/children/pool.js';
import { lockFolder } from '../../src/core/files/folder-lock.js';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { encodeImage } from '../../src/io/encode.js';
import { openStore } from '../../src/io/store/open-store.js';
import { finishAll } from '../../src/prepare/finish-all.js';
import { openSource } from '../../src/prepare/open-source.js';
import type { Plan, PlanShard } from '../../src/prepare/plan/plan.js';
import { rowsOf } from '../../src/prepare/plan/rows.js';
import { prepare } from '../../src/prepare/prepare.js';
import { verify } from '../../src/prepare/verify.js';
import { type PrepareInit, prepareWork } from '../../src/prepare/work.js';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const root = mkdtempSync(join(tmpdir(), 'rxaug-faults-'));
const photos = join(root, 'photos');
const calm = join(root, 'calm');
const script = join(root, 'pipeline.mjs');
const small = join(root, 'small');

/** A disk of so many KiB; false where this user may not make one. */
function mounted(options: string): boolean {
  try {
    mkdirSync(small, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', small], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function unmounted(): void {
  execFileSync('umount', [small], { stdio: 'ignore' });
}

const mountable = mounted('size=64k');
if (mountable) unmounted();

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** `at`: a word in its output at which it is stopped. */
function rxaug(args: readonly string[], at?: string): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args]);
  let text = '';
  let stopped = false;
  for (const pipe of [child.stdout, child.stderr])
    pipe.on('data', (piece) => {
      text += piece;
      if (at === undefined || stopped || !text.includes(at)) return;
      stopped = true;
      child.kill('SIGTERM');
    });
  return new Promise((done) => child.once('close', (code) => done({ code, text })));
}

const run = (out: string, ...more: readonly string[]) =>
  rxaug(['prepare', script, '--out', out, '--workers', '1', ...more]);

/** SHA-256 by path, without locks and what is not finished. */
function treeOf(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const name = relative(dir, path);
    if (!entry.isFile() || /\.rxaug-lock|staging/.test(name)) continue;
    found[name] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}

beforeAll(async () => {
  for (let i = 0; i < 32; i++) {
    const draws = new Draws(fold(keyOf(9), i));
    const data = Uint8Array.from({ length: 40 * 40 * 3 }, () => draws.int(256));
    const folder = join(photos, i % 3 === 0 ? 'cat' : 'dog');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.jpg`), await encodeImage({ data, width: 40, height: 40 }, 'jpeg'));
  }
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const face = new URL('../../dist/faces/prepare.js', import.meta.url).href;
  writeFileSync(
    script,
    `import { definePipeline, imageFolder, batch } from ${JSON.stringify(index)};
import { openSource } from ${JSON.stringify(face)};
const settings = { data: ${JSON.stringify(photos)} };
export default definePipeline({
  name: 'faults',
  settings,
  prepare: ({ settings: s }) => ({ source: openSource(s.data), split: { train: 0.75, val: 0.25 }, size: 24, shardSize: 8 }),
  batches: ({ settings: s }) => imageFolder(s.data).pipe(batch(4)),
});
`,
  );
  const { code, text } = await run(calm);
  expect(text).toContain('32 samples of 32 images');
  expect(code).toBe(0);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Under final names nothing is there that the calm run has not. */
function checkNoPartial(out: string): void {
  const expected = treeOf(calm);
  for (const [name, digest] of Object.entries(treeOf(out)))
    if (name !== join('.rxaug', 'scan.jsonl')) expect(digest, name).toBe(expected[name]);
}

describe('stops and goes on at the same bytes', () => {
  it.skipIf(!mountable)(
    'a full disk (left out where this user may not mount one)',
    async () => {
      mounted('size=150k');
      try {
        const out = join(small, 'out');
        const full = await run(out);
        expect(full.code, full.text).toBe(1);
        expect(full.text).toMatch(
          /cannot be written \(no space is left on the disk, ENOSPC\); free some space/,
        );
        expect(full.text).toMatch(/continue with: npx rxaug prepare .* --resume/);
        checkNoPartial(out);
        execFileSync('mount', ['-o', 'remount,size=4m', small]);
        const { code, text } = await run(out, '--resume');
        expect(code, text).toBe(0);
        expect(treeOf(out)).toEqual(treeOf(calm));
      } finally {
        unmounted();
      }
    },
    60_000,
  );

  it('an image that cannot be read when its shard is rendered', async () => {
    const out = join(root, 'unreadable');
    await run(out, '--plan-only');
    const image = join(photos, 'cat', '9.jpg');
    renameSync(image, `${image}.away`);
    mkdirSync(image); // a folder in its place: reading it fails, for root too
    const stopped = await rxaug(['prepare', out, '--shard', '0/1', '--workers', '1']);
    rmSync(image, { recursive: true });
    renameSync(`${image}.away`, image);
    expect(stopped.code).toBe(1);
    expect(stopped.text).toMatch(/cat\/9\.jpg: .* is a folder, not an image; .* then continue with --resume/);
    checkNoPartial(out);
    const { code, text } = await run(out, '--resume');
    expect(code, text).toBe(0);
    expect(treeOf(out)).toEqual(treeOf(calm));
  }, 60_000);

  it('SIGTERM', async () => {
    const out = join(root, 'stopped');
    const stopped = await rxaug(['prepare', script, '--out', out, '--workers', '1'], 'scan:');
    expect(stopped.code, stopped.text).toBe(143);
    expect(stopped.text).toMatch(/continue with: npx rxaug prepare .* --resume/);
    checkNoPartial(out);
    const { code, text } = await run(out, '--resume');
    expect(code, text).toBe(0);
    expect(treeOf(out)).toEqual(treeOf(calm));
  }, 60_000);
});

describe('is refused in one sentence', () => {
  it('a second process in the folder', async () => {
    const out = join(root, 'taken');
    cpSync(calm, out, { recursive: true });
    using _lock = lockFolder(join(out, '.rxaug'), 'prepare');
    const { code, text } = await run(out, '--resume');
    expect(code).toBe(2);
    expect(text).toMatch(/for this process alone but process \d+ .*; wait until it is done/);
    expect(treeOf(out)).toEqual(treeOf(calm));
  }, 60_000);

  it('a source that is not there, which leaves nothing behind', async () => {
    const out = join(root, 'none');
    const { code, text } = await run(out, '--set', 'data=not-there');
    expect(code).toBe(2);
    expect(text.trim()).toBe("rxaug: source: there is no file or folder 'not-there'; check the path");
    expect(statSync(out, { throwIfNoEntry: false })).toBeUndefined();
  }, 60_000);

  const { signal } = new AbortController();
  const here = async (data: string, out: string) => {
    const pool = (init: PrepareInit) => localPool(prepareWork(init), signal);
    const events = { status: () => undefined, notice: () => undefined };
    return prepare(
      { source: openSource(data) },
      { name: 'faults', out, resume: false, seed: 0, signal, pool, isolated: pool, ...events },
    );
  };

  it('an output in the source, over a file, or beside files of others', async () => {
    await expect(here(photos, join(photos, 'out'))).rejects.toThrow(
      /lies in the source .*; choose a folder outside/,
    );
    await expect(here(photos, photos)).rejects.toThrow(
      /is not empty and holds no preparation; choose another/,
    );
    await expect(here(photos, script)).rejects.toThrow(/is a file; choose a folder/);
    expect(readdirSync(photos)).toEqual(['cat', 'dog']);
  });

  it('files of the preparation that were changed', async () => {
    const out = join(root, 'changed');
    const plan = JSON.parse(readFileSync(join(calm, '.rxaug/plan.json'), 'utf8')) as Plan;
    const [shard] = plan.shards as [PlanShard];
    const status = () => undefined;
    const edited = async (file: string, change: (text: string) => string, task: () => Promise<unknown>) => {
      rmSync(out, { recursive: true, force: true });
      cpSync(calm, out, { recursive: true });
      const path = join(out, file);
      writeFileSync(path, change(readFileSync(path, { encoding: 'utf8', flag: 'a+' })));
      return task().then(
        () => 'taken as it is',
        (error: Error) => error.message,
      );
    };
    const finishing = () => finishAll(out, { status, notice: status }, signal);
    const checking = () => verify(out, status, signal);
    const cut = (text: string) => text.slice(0, 60);
    const store = await openStore(out);
    const mark = '.rxaug/done/train-000000.json';
    const cases = [
      [
        '.rxaug/plan.json',
        (text: string) => text.replace('"seed": 0', '"seed": 1'),
        finishing,
        /was changed; restore/,
      ],
      [
        '.rxaug/plan.json',
        (text: string) => text.replace('"version": 2', '"version": 3'),
        finishing,
        /version 3; use/,
      ],
      ['.rxaug/plan.json', cut, finishing, /it is no JSON; restore it/],
      [
        mark,
        (text: string) => text.replace(/"samples":\d+/, '"samples":5'),
        finishing,
        /changed or cut; remove it/,
      ],
      [mark, cut, finishing, /changed or cut; remove it/],
      [mark, () => 'null', finishing, /changed or cut; remove it/],
      ['train-000000.tar', cut, finishing, /of another size, .*; restore it, or remove it and \.rxaug\/done/],
      ['.rxaug/refused.jsonl', () => '{}\n', finishing, /not that of the plan; restore it/],
      ['.rxaug/groups.jsonl', () => 'x', finishing, /not that of the plan; restore it/],
      [
        '.rxaug/rows/train-000000.jsonl',
        (text: string) => text.replace('dog', 'cat'),
        () => rowsOf(store, shard),
        /not those of the plan; restore/,
      ],
      ['manifest.json', cut, checking, /it is no JSON .*; restore it/],
      [
        'manifest.json',
        () => '{"rxaug":"dataset","version":2,"shards":[1]}',
        checking,
        /was changed; restore it/,
      ],
      [
        'manifest.json',
        (text: string) => text.replace('"version": 2', '"version": 9'),
        checking,
        /received 9; use/,
      ],
    ] as const;
    for (const [file, change, task, sentence] of cases)
      expect(await edited(file, change, task), `${file}: ${sentence}`).toMatch(sentence);
  });
});
