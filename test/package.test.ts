/** What the package loads, and what it says where optional packages are absent. Runs the built package in processes of its own. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LINE = 'npm install --include=optional --ignore-scripts';

/** Runs a module in a process in which no optional package can be found; gives what it prints. */
function without(code: string): string {
  const hide = `
    import Module from 'node:module';
    const resolve = Module._resolveFilename;
    globalThis.asked = new Set();
    Module._resolveFilename = function (name, ...rest) {
      if (!/^(@tensorflow\\/|onnxruntime|webgpu$|esbuild$|bullmq$|ioredis$)/.test(name)) return resolve.call(this, name, ...rest);
      globalThis.asked.add(name);
      throw Object.assign(new Error("Cannot find module '" + name + "'"), { code: 'MODULE_NOT_FOUND' });
    };
    const said = async (f) => { try { await f(); return 'nothing'; } catch (error) { return error.message; } };
  `;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', hide + code], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
}

it('npm pack runs prepack: no setting of the repository turns scripts off', () => {
  const settings = readFileSync(join(ROOT, '.npmrc'), 'utf8').split('\n');
  expect(settings.filter((line) => /^\s*ignore-scripts/.test(line))).toEqual([]);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(scripts.prepack).toBe('node scripts/prepack.mjs');
});

it('allowScripts denies every dependency that has an install script, so that a plain npm ci downloads nothing', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const having = Object.entries(packages as Record<string, { hasInstallScript?: boolean }>)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([place]) => place.replace(/^.*node_modules\//, ''));
  const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(allowScripts).toEqual(Object.fromEntries([...new Set(having)].map((name) => [name, false])));
});

it('importing any entry point needs none of the optional packages', () => {
  const out = without(`
    for (const face of ['', '/layers', '/gan', '/onnx', '/datasets', '/report', '/search', '/plugin', '/testing'])
      await import('rxaug' + face);
    const { program } = await import('./dist/cli/program.js');
    await program();
    console.log(JSON.stringify([...globalThis.asked]));
  `);
  expect(JSON.parse(out)).toEqual([]);
});

it('models and layers can be described without TensorFlow.js', () => {
  const out = without(`
    const { resnet } = await import('rxaug');
    const { avgPool, conv2d, dense, dropout, flatten, maxPool, sigmoid, tanh } = await import('rxaug/layers');
    const { gan } = await import('rxaug/gan');
    const made = [resnet(20), gan(), avgPool(2), conv2d(8), dense(10), dropout(0.5), flatten(), maxPool(2), sigmoid(), tanh()];
    console.log(made.every((it) => typeof it === 'object'), globalThis.asked.size);
  `);
  expect(out).toBe('true 0');
});

it('tf.add, the first use of TensorFlow.js, names the package and the command', () => {
  const out = without(`
    const { tf } = await import('./dist/graph/tf.js');
    console.log(await said(() => tf.add(1, 2)));
    console.log(await said(() => tf.add(1, 2)));
  `);
  const sentence = `TensorFlow.js: the package @tensorflow/tfjs-core is not installed; run ${LINE}`;
  expect(out.split('\n')).toEqual([sentence, sentence]);
});

it('train, without TensorFlow.js, names the package and the command', () => {
  const out = without(`
    const { arrays, batch, resnet, train } = await import('rxaug');
    const { lastValueFrom } = await import('rxjs');
    const batches$ = arrays({
      images: new Uint8Array(4 * 32 * 32 * 3), labels: [0, 1, 0, 1], width: 32, height: 32, classes: ['a', 'b'],
    }).pipe(batch(2));
    console.log(await said(() => lastValueFrom(train(batches$, { model: resnet(20) }))));
  `);
  expect(out).toBe(`training: the package @tensorflow/tfjs is not installed; run ${LINE}`);
});

it('require gives the same module, or one sentence that says to import', () => {
  const code = `
    import { createRequire } from 'node:module';
    const require = createRequire(process.cwd() + '/x.cjs');
    try { console.log(require('rxaug').cutout === (await import('rxaug')).cutout); }
    catch (error) { console.log(error.code, /dynamic import\\(\\)/.test(error.message)); }
  `;
  const run = (flags: string[]) =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', code], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const can = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  expect(run([])).toBe(can ? 'true' : 'ERR_REQUIRE_ESM true');
  if (can) expect(run(['--no-experimental-require-module'])).toBe('ERR_REQUIRE_ESM true');
});
