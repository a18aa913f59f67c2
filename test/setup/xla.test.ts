/** Plugins of XLA: what is kept, and what is said where one cannot be had. */
import { execFileSync, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript
import { findPython } from '../../scripts/setup/addon.mjs';
// @ts-expect-error plain JavaScript
import { ensureXla } from '../../scripts/setup/xla.mjs';
// @ts-expect-error plain JavaScript
import { xlaKinds } from '../../scripts/setup/xla-wheels.mjs';
import { findPjrtPlugins } from '../../src/graph/pjrt/index.js';

let root: string;
let cache: string;
let said: string[];
const isSupported = process.platform === 'linux' && process.arch === 'x64';
const hasPython = await (findPython() as Promise<string>).then(
  () => true,
  () => false,
);

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-xla-'));
  cache = path.join(root, 'cache');
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  fs.rmSync(root, { recursive: true });
});

/** What pip would bring: a wheel with a plugin, its licence and much else. */
function wheelOf(name: string): { file: string; wheel: object } {
  const file = path.join(root, `${name.replaceAll('-', '_')}-1.0-py3-none-any.whl`);
  const members = {
    'some/plugin.so': 'a library',
    'some/__init__.py': 'code',
    'x-1.0.dist-info/licenses/LICENSE': 'terms',
    'x-1.0.dist-info/RECORD': 'names',
    'nvidia/cu13/lib/libcudart.so.13': 'another',
    'nvidia/cu13/include/cuda.h': 'a header',
    'nvidia/cu13/bin/ptxas': 'a program',
  };
  const script = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as file:
    for name, text in json.loads(sys.argv[2]).items(): file.writestr(name, text)
`;
  execFileSync('python3', ['-c', script, file, JSON.stringify(members)]);
  const content = fs.readFileSync(file);
  const sha256 = crypto.createHash('sha256').update(content).digest('hex');
  return { file, wheel: { name, version: '1.0', bytes: content.length, sha256 } };
}

const kindsWith = (wheel: object) => ({
  cpu: { title: 'the processor', plugin: 'some/plugin.so', unpackedBytes: 1000, wheels: [wheel] },
});

/** Puts a wheel where an earlier set-up that broke off left it. */
function leave(file: string): void {
  const store = path.join(cache, 'xla', 'wheels-cpu-1.0');
  fs.mkdirSync(store, { recursive: true });
  fs.copyFileSync(file, path.join(store, path.basename(file)));
}

const filesIn = (folder: string) =>
  (fs.readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => fs.statSync(path.join(folder, file)).isFile())
    .sort();

describe.runIf(isSupported && hasPython)('a plugin of XLA', () => {
  it('is kept with its licence and libraries alone, found, and not fetched twice', async () => {
    const { file, wheel } = wheelOf('some-plugin');
    leave(file);
    const env = { RXAUG_CACHE: cache };
    await ensureXla(root, 'cpu', { env, kinds: kindsWith(wheel) });
    expect(filesIn(path.join(cache, 'xla'))).toEqual([
      'cpu-1.0/nvidia/cu13/bin/ptxas',
      'cpu-1.0/nvidia/cu13/lib/libcudart.so.13',
      'cpu-1.0/origin.json',
      'cpu-1.0/some/plugin.so',
      'cpu-1.0/x-1.0.dist-info/licenses/LICENSE',
    ]);
    expect(fs.statSync(path.join(cache, 'xla/cpu-1.0/nvidia/cu13/bin/ptxas')).mode & 0o111).toBe(0o111);
    expect(findPjrtPlugins(env)[0]).toEqual({
      file: path.join(cache, 'xla', 'cpu-1.0', 'some/plugin.so'),
      kind: 'cpu',
      version: '1.0',
    });
    await ensureXla(root, 'cpu', { env, kinds: kindsWith(wheel) });
    expect(said.at(-1)).toMatch(/the plugin of XLA for the processor, 1\.0, is there already, kept in/);
  });

  it('that cannot be fetched leaves nothing half made, and says so in a sentence', async () => {
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
    vi.stubEnv('PIP_NO_INDEX', '');
    vi.stubEnv('PIP_FIND_LINKS', '');
    const wheel = { name: 'some-plugin', version: '1.0', bytes: 10, sha256: '0'.repeat(64) };
    await expect(
      ensureXla(root, 'cpu', { env: { RXAUG_CACHE: cache }, kinds: kindsWith(wheel) }),
    ).rejects.toThrow(
      'the plugin of XLA for the processor could not be had (pip could not download some-plugin (the package index does not answer); what has arrived is kept, run it again)',
    );
    expect(fs.readdirSync(path.join(cache, 'xla'))).toEqual(['wheels-cpu-1.0']);
  }, 60_000);

  it('of another SHA-256 is not unpacked', async () => {
    const { file, wheel } = wheelOf('some-plugin');
    leave(file);
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
    vi.stubEnv('PIP_FIND_LINKS', '');
    const kinds = kindsWith({ ...wheel, sha256: '0'.repeat(64) });
    await expect(ensureXla(root, 'cpu', { env: { RXAUG_CACHE: cache }, kinds })).rejects.toThrow(
      'could not be had',
    );
    expect(filesIn(path.join(cache, 'xla'))).toEqual([]);
  }, 60_000);
});

it('the script refuses --xla without a known kind, and beside --cuda, before it does anything', () => {
  const script = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));
  const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  for (const [args, received] of [
    [['--xla'], ''],
    [['--xla', 'tpu'], 'tpu'],
    [['--xla=tpu', '--quiet'], 'tpu'],
  ] as const)
    expect(run(...args)).toMatchObject({
      status: 2,
      stderr: `setup: --xla: expected one of cpu, cuda12, cuda13, rocm7 but received '${received}'; name one of them\n`,
    });
  const { status, stderr } = run('--cuda', '--xla', 'cpu');
  expect(status).toBe(2);
  expect(stderr).toContain('expected one of --augment, --cuda and --xla but received --cuda and --xla');
});

it('the script refuses --without-driver where nothing is for a GPU', () => {
  // A copy without its other files: what it does not refuse, it cannot do.
  const script = path.join(root, 'setup.mjs');
  fs.copyFileSync(fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url)), script);
  const run = (args: string[], tensorflow = '') =>
    spawnSync(process.execPath, [script, '--without-driver', ...args], {
      encoding: 'utf8',
      env: { ...process.env, RXAUG_TF: tensorflow },
    });
  for (const [args, received] of [
    [[], 'neither'],
    [['--quiet', '--again'], 'neither'],
    [['--xla', 'cpu'], '--xla cpu'],
    [['--xla=cpu'], '--xla cpu'],
    [['--augment'], '--augment'],
  ] as [string[], string][])
    expect(run(args)).toMatchObject({
      status: 2,
      stderr: `setup: --without-driver: expected --cuda or the --xla of a GPU beside it but received ${received}; add one of them, or leave it out\n`,
    });
  for (const taken of [run(['--cuda']), run(['--xla', 'rocm7']), run([], 'cuda')])
    expect(taken.stderr).toMatch(/Cannot find module .*index\.mjs/);
});

it('an unknown kind is refused with the known ones', async () => {
  await expect(ensureXla(root, 'tpu', { env: { RXAUG_CACHE: cache } })).rejects.toThrow(
    "--xla: expected one of cpu, cuda12, cuda13, rocm7 but received 'tpu'; name one of them",
  );
});

it.runIf(isSupported && !fs.existsSync('/dev/kfd'))(
  'a GPU without its driver is refused before any download',
  async () => {
    await expect(ensureXla(root, 'rocm7', { env: { RXAUG_CACHE: cache } })).rejects.toThrow(
      /no AMD driver is found \(\/dev\/kfd is not there\); install it and ROCm 7, or add --without-driver/,
    );
    expect(fs.readdirSync(cache)).toEqual([]);
  },
);

it('every wheel is named by version, size and digest', () => {
  for (const { plugin, wheels } of Object.values(xlaKinds) as { plugin: string; wheels: object[] }[]) {
    expect(plugin).toMatch(/\.so$/);
    expect(wheels[0]).toMatchObject({ name: expect.stringMatching(/pjrt/) });
    for (const wheel of wheels)
      expect(wheel).toEqual({
        name: expect.stringMatching(/^[a-z0-9-]+$/),
        version: expect.stringMatching(/^\d+(\.\d+)+$/),
        bytes: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
  }
});
