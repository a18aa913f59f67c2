#!/usr/bin/env node
/** Builds dist/ from src/ when src/ has changed: `node scripts/build.mjs`. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { binary } from './setup/binary.mjs';
import { run } from './setup/run.mjs';
import { SetupError, say, sayAlways } from './setup/say.mjs';

/** The optional package whose types appear in the types of rxaug. */
export const TYPED = '@tensorflow/tfjs-core';

/**
 * Without the optional packages there are no types of tensors to check against. The result runs the same, but its types are
 * less precise; `unchecked: false` refuses such a build.
 */
export async function build(root, { unchecked = true } = {}) {
  const stamp = path.join(root, 'dist', '.built');
  const checks = fs.existsSync(path.join(root, 'node_modules', TYPED, 'package.json'));
  if (!checks && !unchecked) {
    throw new SetupError(`the types cannot be checked without ${TYPED}; run npm ci --include=optional`);
  }
  const sources = digest(root, ['src', 'tsconfig.json', 'package.json', 'package-lock.json']);
  const wanted = checks ? sources : `${sources} unchecked`;
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  fs.rmSync(stamp, { force: true });
  say(checks ? 'building' : `building without checking types, for ${TYPED} is not installed`);
  const tsc = await run(
    process.execPath,
    [
      ...[binary(root, 'typescript', 'tsc'), '-p', root, '--pretty', 'false'],
      ...(checks ? [] : ['--noCheck', '--incremental', 'false']),
    ],
    {
      cwd: root,
      seconds: 300,
    },
  );
  await kernels(root);
  if (!tsc.ok) throw new SetupError(`the build failed\n${tsc.output.trim() || tsc.why}`);
  prune(path.join(root, 'dist'), path.join(root, 'src'));
  copyResources(path.join(root, 'src'), path.join(root, 'dist'));
  const main = path.join(root, 'dist', 'cli', 'main.js');
  if (fs.existsSync(main)) fs.chmodSync(main, 0o755);
  fs.writeFileSync(stamp, wanted);
}

/** The pixel kernels, from AssemblyScript to WebAssembly with SIMD. */
async function kernels(root) {
  const out = path.join(root, 'dist', 'kernels', 'kernels.wasm');
  fs.mkdirSync(path.dirname(out), { recursive: true });
  const asc = await run(
    process.execPath,
    [
      path.join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js'),
      path.join(root, 'src', 'kernels', 'assembly', 'index.ts'),
      ...['--outFile', out, '-O3', '--noAssert', '--runtime', 'stub', '--memoryBase', '1024'],
      ...['--enable', 'simd', '--enable', 'bulk-memory'],
    ],
    { cwd: root, seconds: 120 },
  );
  if (!asc.ok) throw new SetupError(`the kernels do not compile\n${asc.output.trim() || asc.why}`);
}

function digest(root, places) {
  const hash = crypto.createHash('sha256');
  for (const place of places) {
    const at = path.join(root, place);
    const isFolder = fs.statSync(at).isDirectory();
    const files = isFolder ? fs.readdirSync(at, { recursive: true }).map(String).sort() : [''];
    for (const file of files) {
      const full = path.join(at, file);
      if (fs.statSync(full).isFile())
        hash.update(`${place}/${file}\0`).update(fs.readFileSync(full)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** Files that are read at run time, beside the code that reads them. */
const RESOURCES = ['augment/export/python'];

function copyResources(src, dist) {
  for (const folder of RESOURCES) {
    fs.rmSync(path.join(dist, folder), { recursive: true, force: true });
    fs.mkdirSync(path.join(dist, folder), { recursive: true });
    for (const file of fs.readdirSync(path.join(src, folder)).filter((name) => name.endsWith('.py')))
      fs.copyFileSync(path.join(src, folder, file), path.join(dist, folder, file));
  }
}

/** Removes files built from sources that are gone, so an import of them fails here as it would elsewhere. */
function prune(dist, src) {
  for (const file of fs.readdirSync(dist, { recursive: true }).map(String)) {
    const source = file.replace(/\.(js|d\.ts)(\.map)?$/, '');
    if (source === file) continue;
    const exists = ['.ts', '.js'].some((end) => fs.existsSync(path.join(src, source + end)));
    if (!exists) fs.rmSync(path.join(dist, file));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  try {
    await build(root);
  } catch (error) {
    sayAlways(error instanceof SetupError ? error.message : error.stack);
    process.exitCode = 1;
  }
}
