/** `npm ci` when what is installed is not what package-lock.json asks for. */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { SetupError, say } from './say.mjs';

export async function ensureDependencies(root) {
  if (areCurrent(root)) return;
  say('installing dependencies with npm ci');
  // npm gives its own path to the scripts it runs; started by hand, the one on PATH has to do.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : [npmOnPath(), []];
  // Scripts of packages would download what no lock file pins; .npmrc says so too, but the environment overrides it.
  const what = [
    ...['ci', '--ignore-scripts', '--include=dev', '--include=optional'],
    ...['--no-audit', '--no-fund', '--prefer-offline'],
  ];
  // Without a network npm would otherwise try for minutes before it says so.
  const limits = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const result = await run(command, [...first, ...what, ...limits], { cwd: root, seconds: 900 });
  if (result.ok) return;
  const said = [...result.output.matchAll(/^npm (?:error|ERR!) +(.+)$/gm)].map(([, words]) => words);
  const words = said.slice(0, 2).join(': ').slice(0, 200) || result.why;
  throw new SetupError(
    `npm ci failed (${words}); it needs the npm registry, or a cache that holds the packages`,
  );
}

function npmOnPath() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

/** Compares the lock file with the one that npm leaves in node_modules when it has finished. */
export function areCurrent(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const present = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  const optional = Object.keys(wanted['']?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  return Object.entries(wanted).every(([place, { version, optional: mayMiss, link }]) => {
    if (place === '' || link) return true;
    const found = present[place];
    // What is optional may be for another platform, but what we name ourselves is for all.
    if (!found) return mayMiss === true && !optional.includes(place);
    return found.version === version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
