#!/usr/bin/env node
/**
 * Checks the package as users install it: `node scripts/check-package.mjs [TARBALL]` packs this clone (or uses the given
 * tarball) and checks
 *
 *  1. that the tarball has dist, is at most 3 MB, and holds neither tests nor source maps without sources;
 *  2. publint and attw, which look at `exports` and types;
 *  3. installed with --omit=optional: node_modules is at most 80 MB, holds no TensorFlow.js, onnxruntime or WebGPU, every
 *     entry point is imported, required where Node can, and augments an image;
 *  4. that README's examples and one of each entry point compile in a strict project with skipLibCheck: false, without DOM,
 *     resolved as NodeNext and as bundlers do, without the optional packages and with @tensorflow/tfjs-core.
 *
 * It needs the npm registry or a cache that holds the packages. A line for each check; exit code 1 where one fails.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleFiles } from './package/examples.mjs';
import { binary } from './setup/binary.mjs';
import { run } from './setup/run.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const MOST_PACKED = 3_000_000;
const MOST_INSTALLED = 80_000_000;
const FORBIDDEN = /^(@tensorflow\/.*|onnxruntime-.*|webgpu|esbuild)$/;
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENOTCACHED|network/;

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-package-'));
let failures = 0;
let folder;
try {
  const tarball = process.argv[2] ? path.resolve(process.argv[2]) : await pack();
  await contents(tarball);
  await tool('publint', ['publint', 'publint'], ['--strict', '--pack', 'false', await unpacked(tarball)]);
  // CommonJS gets the ES module by require(esm), or Node's own sentence that says to import(): see docs/install.md.
  await tool('attw', ['@arethetypeswrong/cli', 'attw'], [tarball, '--profile', 'esm-only', '--no-emoji']);
  const project = await installed(tarball);
  await sizes(project);
  await imports(project);
  await types(project, 'without the optional packages');
  await npm(project, [
    'install',
    `@tensorflow/tfjs-core@${manifest.optionalDependencies['@tensorflow/tfjs-core']}`,
  ]);
  await types(project, 'with @tensorflow/tfjs-core');
} catch (error) {
  report(false, error.message);
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;

function report(ok, line, output = '') {
  if (!ok) failures++;
  process.stdout.write(`${ok ? 'ok' : 'FAILED'}  ${line}\n${ok || !output ? '' : `${output.trim()}\n`}`);
}

async function npm(cwd, args) {
  const command = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, [process.env.npm_execpath]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  const quiet = ['--omit=optional', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  const { ok, output, why } = await run(command[0], [...command[1], ...args, ...quiet], {
    cwd,
    seconds: 600,
  });
  if (ok) return output;
  const offline = OFFLINE.test(output)
    ? '; it needs the npm registry, or a cache that holds the packages'
    : '';
  throw new Error(`npm ${args[0]} failed${offline}\n${output.trim().slice(-2000) || why}`);
}

async function pack() {
  // As anyone types it: a setting of npm that leaves out prepack shows as a package without dist.
  const { ok, output } = await run(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    ['pack', '--pack-destination', work],
    { cwd: root, seconds: 600 },
  );
  if (!ok) throw new Error(`npm pack failed\n${output.trim().slice(-2000)}`);
  return path.join(
    work,
    fs.readdirSync(work).find((file) => file.endsWith('.tgz')),
  );
}

/** The folder that the tarball unpacks to. */
async function unpacked(tarball) {
  if (folder) return folder;
  const into = path.join(work, 'unpacked');
  fs.mkdirSync(into);
  const { ok, output } = await run('tar', ['-xzf', tarball, '-C', into]);
  if (!ok) throw new Error(`the tarball does not unpack\n${output}`);
  folder = path.join(into, 'package');
  return folder;
}

async function contents(tarball) {
  const { size } = fs.statSync(tarball);
  const home = await unpacked(tarball);
  const files = fs.readdirSync(home, { recursive: true }).map(String);
  report(size <= MOST_PACKED, `packed: ${(size / 1e6).toFixed(2)} MB in ${files.length} files, at most 3 MB`);
  const targets = Object.values(manifest.exports).flatMap((it) =>
    typeof it === 'string' ? it : Object.values(it),
  );
  const wanted = [...targets, manifest.bin.rxaug, 'dist/kernels/kernels.wasm', 'scripts/setup.mjs'];
  const missing = wanted.filter((file) => !fs.existsSync(path.join(home, file)));
  report(missing.length === 0, `packed: every entry point is there`, `missing: ${missing.join(', ')}`);
  const odd = files.filter((file) => /^(test|src|bench|node_modules)\b|\.tsbuildinfo$|\.built$/.test(file));
  report(odd.length === 0, 'packed: nothing that belongs to the clone alone', odd.slice(0, 5).join(', '));
  const blind = files.filter((file) => {
    if (!file.endsWith('.map')) return false;
    const { sources, sourcesContent } = JSON.parse(fs.readFileSync(path.join(home, file), 'utf8'));
    return sources.length !== sourcesContent?.length;
  });
  report(blind.length === 0, 'packed: source maps hold their sources', blind.slice(0, 5).join(', '));
  const typed = files.filter((file) => {
    if (!file.endsWith('.d.ts')) return false;
    const code = fs.readFileSync(path.join(home, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    return /['"]@tensorflow\/|['"]onnxruntime-/.test(code);
  });
  report(
    typed.every((file) => file === path.join('dist', 'graph', 'tf.d.ts')),
    'packed: types name optional packages in dist/graph/tf.d.ts alone',
    typed.join(', '),
  );
}

async function tool(name, [from, command], args) {
  const { ok, output, why } = await run(process.execPath, [binary(root, from, command), ...args], {
    cwd: work,
    seconds: 300,
  });
  report(ok, name, output || why);
}

async function installed(tarball) {
  const project = path.join(work, 'project');
  fs.mkdirSync(project);
  fs.writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'stranger', version: '1.0.0', private: true, type: 'module' }),
  );
  await npm(project, ['install', tarball]);
  return project;
}

async function sizes(project) {
  const modules = path.join(project, 'node_modules');
  const files = fs.readdirSync(modules, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  // As du counts: in blocks, for that is what a disk gives up.
  const bytes = files.reduce((sum, { parentPath, path: old, name }) => {
    return sum + 512 * fs.lstatSync(path.join(parentPath ?? old, name)).blocks;
  }, 0);
  report(
    bytes <= MOST_INSTALLED,
    `installed: ${Math.round(bytes / 1e6)} MB with --omit=optional, at most 80 MB`,
  );
  const names = fs
    .readdirSync(modules)
    .flatMap((name) =>
      name.startsWith('@') ? fs.readdirSync(path.join(modules, name)).map((it) => `${name}/${it}`) : name,
    );
  const heavy = names.filter((name) => FORBIDDEN.test(name));
  report(heavy.length === 0, 'installed: no TensorFlow.js, onnxruntime or WebGPU', heavy.join(', '));
}

async function imports(project) {
  const faces = Object.keys(manifest.exports).filter((face) => face !== './package.json');
  const names = faces.map((face) => path.posix.join('rxaug', face));
  const code = `
    for (const name of ${JSON.stringify(names)}) await import(name);
    const { arrays, batch, horizontalFlip, cutout } = await import('rxaug');
    const { lastValueFrom, toArray } = await import('rxjs');
    const pixels = { images: new Uint8Array(2 * 32 * 32 * 3), labels: [0, 1], width: 32, height: 32, classes: ['a', 'b'] };
    const batches = await lastValueFrom(arrays(pixels).pipe(horizontalFlip(), cutout(8), batch(2), toArray()));
    console.log(batches.length);
  `;
  fs.writeFileSync(path.join(project, 'all.mjs'), code);
  const { ok, output } = await run(process.execPath, ['all.mjs'], { cwd: project });
  report(ok && output.trim() === '1', `imported: ${names.join(', ')}; a batch is augmented`, output);
  const main = path.join(project, 'node_modules', 'rxaug', manifest.bin.rxaug);
  const version = await run(process.execPath, [main, '--version'], { cwd: project });
  report(version.ok && version.output.trim() === manifest.version, 'rxaug --version', version.output);
  const [major, minor] = process.versions.node.split('.').map(Number);
  const can = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  fs.writeFileSync(
    path.join(project, 'all.cjs'),
    `for (const name of ${JSON.stringify(names)}) require(name);\nconsole.log(typeof require('rxaug').cutout);\n`,
  );
  const cjs = await run(process.execPath, ['--no-warnings', 'all.cjs'], { cwd: project });
  const says = can ? cjs.output.trim() === 'function' : /dynamic import\(\)/.test(cjs.output);
  report(says, can ? 'require gives every entry point' : 'require says to import()', cjs.output);
}

/** Errors of other packages' own types, which no file of ours can change, are named and do not count. */
async function types(project, how) {
  const files = exampleFiles(root, manifest);
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(project, file), text);
  const needs = ['@types/node', 'rxjs'].map((name) => `${name}@${manifest.devDependencies[name]}`);
  await npm(project, ['install', ...needs]);
  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'bundler'],
  ]) {
    const compilerOptions = {
      ...{
        module,
        moduleResolution,
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable'],
        types: ['node'],
      },
      ...{ strict: true, skipLibCheck: false, noEmit: true, exactOptionalPropertyTypes: true },
      noUncheckedIndexedAccess: true,
    };
    const config = { compilerOptions, files: Object.keys(files) };
    fs.writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify(config));
    const { output, why } = await run(
      process.execPath,
      [binary(root, 'typescript', 'tsc'), '-p', project, '--pretty', 'false'],
      { cwd: project, seconds: 300 },
    );
    const errors = output.split('\n').filter((line) => /error TS\d+/.test(line));
    const foreign = errors.filter((line) => /^node_modules\/(?!rxaug\/)/.test(line));
    const ours = errors.filter((line) => !foreign.includes(line));
    const packages = new Set(foreign.map((line) => line.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]));
    const aside =
      foreign.length > 0 ? `; ${foreign.length} errors in the types of ${[...packages].join(', ')}` : '';
    const broken = why !== undefined && errors.length === 0;
    report(
      ours.length === 0 && !broken,
      `types, ${moduleResolution}, ${how}: ${Object.keys(files).length} files compile${aside}`,
      broken ? output || why : ours.join('\n'),
    );
  }
}
