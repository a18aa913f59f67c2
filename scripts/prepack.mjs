#!/usr/bin/env node
/**
 * What `npm pack` and `npm publish` run first: rebuilds dist/ with all types checked, so no package ships
 * without it or with stale files.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { SetupError, sayAlways } from './setup/say.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

try {
  await ensureDependencies(root);
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  await build(root, { unchecked: false });
} catch (error) {
  sayAlways(error instanceof SetupError ? error.message : error.stack);
  process.exitCode = 1;
}
