/** The ways to native TensorFlow: their order, what is said when they fail, and that links come and go cleanly. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript
import { makeCached } from '../../scripts/setup/cache.mjs';
// @ts-expect-error plain JavaScript
import { ensureTensorFlow, everyWay } from '../../scripts/setup/tensorflow.mjs';

/** Stands for tfjs-node: it loads when the file of its addon says so. */
const tfjsNode = `
const file = require('node:path').join(__dirname, 'lib', 'napi-v8', 'tfjs_binding.node');
const version = require('node:fs').readFileSync(file, 'utf8');
if (version === 'broken') throw new Error('symbol not found');
if (version === 'other cpu') process.kill(process.pid, 'SIGILL');
module.exports = {
  ones: () => {},
  matMul: () => ({ dataSync: () => [3, 3, 3, 3] }),
  backend: () => ({ binding: { TF_Version: version } }),
};`;

let root: string;
let home: string;
let said: string[];
const env = (more: object = {}) => ({ RXAUG_CACHE: path.join(root, 'cache'), ...more });
const note = () => JSON.parse(fs.readFileSync(path.join(home, 'rxaug-setup.json'), 'utf8'));
const kept = () => fs.readdirSync(path.join(root, 'cache'));

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-tf-'));
  home = path.join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  fs.mkdirSync(home, { recursive: true });
  fs.writeFileSync(path.join(root, 'package.json'), '{}');
  fs.writeFileSync(path.join(home, 'package.json'), '{"name":"@tensorflow/tfjs-node","version":"4.22.0"}');
  fs.writeFileSync(path.join(home, 'index.js'), tfjsNode);
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text).trim());
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(root, { recursive: true });
});

/** A way that makes an addon of this content, or fails with these words. */
function way(name: string, addon: string | Error) {
  return {
    name,
    title: `the ${name}`,
    entry: () => `entry-${name}`,
    make: vi.fn((_: string, cache: string) =>
      makeCached(cache, `entry-${name}`, async (folder: string) => {
        if (addon instanceof Error) throw addon;
        fs.mkdirSync(path.join(folder, 'lib', 'napi-v8'), { recursive: true });
        fs.mkdirSync(path.join(folder, 'deps'));
        fs.writeFileSync(path.join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), addon);
        return { from: name };
      }),
    ),
  };
}

describe('set-up of native TensorFlow', () => {
  it('takes a way on demand only by its name, and keeps what worked when it fails', async () => {
    const cuda = { ...way('cuda', new Error('no NVIDIA driver is found')), onDemand: true };
    const ways = [way('wheel', '2.21.0'), cuda];
    await ensureTensorFlow(root, { env: env(), ways });
    expect(cuda.make).not.toHaveBeenCalled();
    await expect(
      ensureTensorFlow(root, { env: env({ RXAUG_TF: 'cuda' }), ways, again: true }),
    ).rejects.toThrow(
      `what cuda asks for could not be had (the cuda: no NVIDIA driver is found); ${path.join(root, 'cache', 'entry-wheel')} stays in use`,
    );
    expect(fs.realpathSync(path.join(home, 'lib'))).toBe(
      fs.realpathSync(path.join(root, 'cache', 'entry-wheel', 'lib')),
    );
    const found = { ...way('cuda', '2.21.0'), onDemand: true };
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'cuda' }), ways: [ways[0], found], again: true });
    expect(note()).toMatchObject({ native: { from: 'cuda' } });
    await ensureTensorFlow(root, { env: env(), ways: [ways[0], found] }); // 'auto' leaves it in place
    expect(note()).toMatchObject({ native: { from: 'cuda' } });
  });

  it('takes the first way that works and says so', async () => {
    const ways = [way('installer', new Error('the host does not answer')), way('wheel', '2.21.0')];
    await ensureTensorFlow(root, { env: env(), ways });
    expect(said).toEqual(['setup: native TensorFlow 2.21.0 from the wheel']);
    expect(note()).toMatchObject({ native: { from: 'wheel', tensorflow: '2.21.0' } });
  });

  it('does nothing when it loads already', async () => {
    const ways = [way('wheel', '2.21.0')];
    await ensureTensorFlow(root, { env: env(), ways });
    said.length = 0;
    await ensureTensorFlow(root, { env: env(), ways });
    expect(said).toEqual([]);
    expect(ways[0]!.make).toHaveBeenCalledTimes(1);
  });

  it('uses what another clone has made before it asks any network', async () => {
    await ensureTensorFlow(root, { env: env(), ways: [way('wheel', '2.21.0')] });
    fs.rmSync(path.join(home, 'lib'));
    fs.rmSync(path.join(home, 'deps'));
    const ways = [way('installer', new Error('never asked')), way('wheel', new Error('never asked'))];
    await ensureTensorFlow(root, { env: env(), ways });
    expect(ways.every(({ make }) => make.mock.calls.length === 0)).toBe(true);
    expect(said.at(-1)).toMatch(/^setup: native TensorFlow 2\.21\.0 from the wheel, kept in /);
  });

  it('falls back with one line that says why, and does not try again at once', async () => {
    const ways = [way('installer', new Error('no answer')), way('wheel', new Error('no compiler'))];
    await ensureTensorFlow(root, { env: env(), ways });
    const reasons = 'the installer: no answer; the wheel: no compiler';
    expect(said).toEqual([
      `setup: native TensorFlow could not be had (${reasons}); training uses the WASM backend, correct but slower`,
    ]);
    expect(note()).toMatchObject({
      native: null,
      missed: ['the installer: no answer', 'the wheel: no compiler'],
    });
    await ensureTensorFlow(root, { env: env(), ways });
    expect(said[1]).toContain(`could not be had lately (${reasons})`);
    expect(ways[0]!.make).toHaveBeenCalledTimes(1);
    await ensureTensorFlow(root, { env: env(), ways, again: true });
    expect(ways[0]!.make).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['broken', 'symbol not found'],
    ['other cpu', 'SIGILL'],
  ])('unplugs an addon that does not load (%s)', async (addon, words) => {
    await ensureTensorFlow(root, { env: env(), ways: [way('wheel', addon)] });
    expect(said[0]).toContain(words);
    expect(said[0]).toContain(`remove ${path.join(root, 'cache', 'entry-wheel')} to have it made anew`);
    expect(fs.existsSync(path.join(home, 'lib'))).toBe(false);
  });

  it('repairs links whose target is gone', async () => {
    await ensureTensorFlow(root, { env: env(), ways: [way('wheel', '2.21.0')] });
    fs.rmSync(path.join(root, 'cache'), { recursive: true });
    await ensureTensorFlow(root, { env: env(), ways: [way('wheel', '2.21.1')] });
    expect(said.at(-1)).toBe('setup: native TensorFlow 2.21.1 from the wheel');
  });

  it('RXAUG_TF=wasm unplugs it, and auto plugs it in again', async () => {
    const ways = [way('wheel', '2.21.0')];
    await ensureTensorFlow(root, { env: env(), ways });
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'wasm' }), ways });
    expect(fs.existsSync(path.join(home, 'lib'))).toBe(false);
    expect(note().native).toBeNull();
    await ensureTensorFlow(root, { env: env(), ways });
    expect(note().native).toMatchObject({ from: 'wheel' });
    expect(ways[0]!.make).toHaveBeenCalledTimes(1);
    expect(kept()).toEqual(['entry-wheel']);
  });

  it('sets aside a folder that somebody else has put there', async () => {
    fs.mkdirSync(path.join(home, 'lib', 'napi-v8'), { recursive: true });
    fs.writeFileSync(path.join(home, 'lib', 'napi-v8', 'tfjs_binding.node'), 'broken');
    await ensureTensorFlow(root, { env: env(), ways: [way('wheel', '2.21.0')] });
    expect(fs.readFileSync(path.join(home, 'lib.aside', 'napi-v8', 'tfjs_binding.node'), 'utf8')).toBe(
      'broken',
    );
    expect(note().native).toMatchObject({ tensorflow: '2.21.0' });
  });

  it('forces one way, leaves all as it is with skip, and refuses other words', async () => {
    const ways = [way('installer', '2.9.1'), way('wheel', '2.21.0')];
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'skip' }), ways });
    expect(said).toEqual([]);
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'wheel' }), ways });
    expect(note().native).toMatchObject({ from: 'wheel' });
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'installer' }), ways });
    expect(note().native).toMatchObject({ from: 'installer' });
    await expect(ensureTensorFlow(root, { env: env({ RXAUG_TF: 'gpu' }), ways })).rejects.toThrow(
      "RXAUG_TF: expected one of auto, installer, wheel, wasm, skip but received 'gpu'",
    );
  });

  it('row 19: uses unverified downloads only on request, with a warning', async () => {
    const installer = { ...way('installer', '2.9.1'), onDemand: true, unverified: true };
    const broken = way('wheel', new Error('no compiler'));
    await ensureTensorFlow(root, { env: env(), ways: [broken, installer] });
    expect(installer.make).not.toHaveBeenCalled();
    expect(note()).toMatchObject({ native: null, missed: ['the wheel: no compiler'] });
    said.length = 0;
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'installer' }), ways: [broken, installer] });
    expect(said).toEqual([
      'setup: no hash pins the library that the installer downloads; RXAUG_TF=installer takes it all the same',
      'setup: native TensorFlow 2.9.1 from the installer',
    ]);
    said.length = 0;
    await ensureTensorFlow(root, { env: env(), ways: [broken, installer] }); // 'auto' keeps what was asked for
    expect(said).toEqual([]);
    expect(note()).toMatchObject({ mode: 'installer', native: { from: 'installer' } });
  });

  it('row 19: an unpinned library that an earlier set-up took unasked is not even loaded', async () => {
    await ensureTensorFlow(root, { env: env(), ways: [way('installer', '2.9.1')] }); // as it was: by default
    const installer = { ...way('installer', '2.9.1'), onDemand: true, unverified: true };
    const trap = path.join(root, 'loaded');
    const addon = path.join(root, 'cache', 'entry-installer', 'lib', 'napi-v8', 'tfjs_binding.node');
    const loads = `require('node:fs').appendFileSync(${JSON.stringify(trap)}, version);\nmodule.exports`;
    fs.writeFileSync(path.join(home, 'index.js'), tfjsNode.replace('module.exports', loads));
    expect(fs.existsSync(addon)).toBe(true);
    await ensureTensorFlow(root, { env: env(), ways: [way('wheel', '2.21.0'), installer] });
    expect(fs.readFileSync(trap, 'utf8')).toBe('2.21.0');
    expect(note()).toMatchObject({ mode: 'auto', native: { from: 'wheel' } });
    expect(said.at(-2)).toBe(
      'setup: the installer is not taken unless asked for; RXAUG_TF=installer asks for it',
    );
    await ensureTensorFlow(root, { env: env({ RXAUG_TF: 'installer' }), ways: [installer], again: true });
    await ensureTensorFlow(root, { env: env(), ways: [installer] });
    expect(note()).toMatchObject({ mode: 'installer', native: { from: 'installer' } });
  });

  it('row 19: says that a library from elsewhere is not verified', async () => {
    fs.mkdirSync(path.join(home, 'lib', 'napi-v8'), { recursive: true });
    fs.writeFileSync(path.join(home, 'lib', 'napi-v8', 'tfjs_binding.node'), '2.9.1');
    await ensureTensorFlow(root, { env: env(), ways: [] });
    expect(said).toEqual([
      'setup: native TensorFlow 2.9.1 was there before set-up, which has not verified it; RXAUG_TF=wheel npx rxaug setup replaces it',
    ]);
    await ensureTensorFlow(root, { env: env(), ways: [] });
    expect(said).toHaveLength(1);
  });

  it('row 19: of the ways that there are, auto takes only what a SHA-256 pins', () => {
    const byName = Object.fromEntries(
      everyWay.map(({ name, ...way }: { name: string }) => [name, way] as const),
    ) as Record<string, { onDemand?: true; unverified?: true }>;
    expect(Object.keys(byName)).toEqual(['wheel', 'cuda', 'installer']);
    expect(byName.installer).toMatchObject({ onDemand: true, unverified: true });
    expect(byName.wheel).not.toHaveProperty('unverified');
    expect(byName.cuda).not.toHaveProperty('unverified');
  });

  it('reports that @tensorflow/tfjs-node is not installed', async () => {
    fs.rmSync(home, { recursive: true });
    await ensureTensorFlow(root, { env: env(), ways: [] });
    expect(said).toEqual([
      'setup: native TensorFlow: the package @tensorflow/tfjs-node is not installed; run npm install --include=optional --ignore-scripts',
    ]);
  });
});
