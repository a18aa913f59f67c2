/** Runs `npm ci` if the installed packages do not match package-lock.json, or an installation was not finished. */
import fs from 'node:fs';
import path from 'node:path';
import { fixFor } from './fixes.mjs';
import { installing } from './installing.mjs';
import { run } from './run.mjs';
import { SetupError, say } from './say.mjs';

/** Without `optional`, packages that only training needs are not installed; installed ones stay. */
export async function ensureDependencies(root, { optional = true } = {}) {
  const mark = installing(root);
  await mark.otherEnds();
  if (!mark.isOlderThan(lockIn(root)) || !areCurrent(root, { optional })) {
    const omit = optional ? '--include=optional' : '--omit=optional';
    const ci = ['ci', '--include=dev', omit];
    say('installing dependencies with npm ci');
    let result = await npm(root, ci, mark);
    if (!result.ok && IN_THE_WAY.test(result.output)) {
      // Left by an npm that was killed; npm itself does not remove it.
      say('npm ci failed over what an earlier one left; emptying node_modules and trying once more');
      empty(path.join(root, 'node_modules'));
      result = await npm(root, ci, mark);
    }
    if (!result.ok) throw new SetupError(sentenceFor(result));
  }
  const missing = optional ? [] : missingTools(packagesOf(path.join(root, 'package-lock.json')), root);
  if (missing.length > 0) {
    say(`installing the binaries of the tools that build and test: ${missing.join(', ')}`);
    const result = await npm(root, ['install', '--no-save', '--omit=optional', ...missing], mark);
    if (!result.ok) throw new SetupError(sentenceFor(result, 'npm install'));
  }
  mark.clear();
}

async function npm(root, what, mark) {
  // npm passes its path to the scripts it runs; otherwise the one on PATH is used.
  const path = process.env.npm_execpath;
  const [command, first] = path?.endsWith('.js') ? [process.execPath, [path]] : [npmOnPath(), []];
  // Scripts of packages would download what no lock file pins.
  const always = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  // Without a network npm would otherwise try for minutes before it says so.
  const limits = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  return run(command, [...first, ...what, ...always, ...limits], {
    cwd: root,
    seconds: 900,
    started: mark.set,
  });
}

/** The folder itself stays, as npm leaves it: it may be a link or a volume. */
function empty(folder) {
  for (const entry of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    try {
      fs.rmSync(path.join(folder, entry), { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // npm will name it.
    }
  }
}

/** The lock file that npm leaves behind when it has finished. */
const lockIn = (root) => path.join(root, 'node_modules', '.package-lock.json');

const IN_THE_WAY = /ENOTEMPTY|EEXIST|ENOTDIR|EISDIR|EBUSY/;

/** The error of npm, and the fix. */
export function sentenceFor({ output, why }, command = 'npm ci') {
  const said = [...output.matchAll(/^npm (?:error|ERR!) +(.+)$/gm)].map(([, words]) => words);
  const words = said.slice(0, 2).join(': ').slice(0, 200) || why;
  const again = why?.startsWith('ended by SIG') ? 'run it again' : undefined;
  const removed = IN_THE_WAY.test(output) ? 'remove node_modules and run it again' : undefined;
  const fix =
    fixFor(output) ?? removed ?? again ?? 'it needs the npm registry, or a cache that holds the packages';
  return `${command} failed (${words}); ${fix}`;
}

function npmOnPath() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

/**
 * Compares the lock file with the one that npm leaves in node_modules when it has finished, and looks whether the packages
 * are there: an npm that is killed while it removes them may leave that file behind.
 */
export function areCurrent(root, { optional: all = true } = {}) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const present = packagesOf(lockIn(root));
  if (!wanted || !present) return false;
  const named = all ? Object.keys(wanted['']?.optionalDependencies ?? {}) : [];
  const optional = named.map((name) => `node_modules/${name}`);
  return Object.entries(wanted).every(([place, { version, optional: mayMiss, link }]) => {
    if (place === '' || link) return true;
    const found = present[place];
    // What is optional may be for another platform, but what we name ourselves is for all.
    if (!found) return mayMiss === true && !optional.includes(place);
    return found.version === version && fs.existsSync(path.join(root, place, 'package.json'));
  });
}

/**
 * What `--omit=optional` leaves out of the tools that build and test, as `name@version` for this platform: their binaries
 * are optional packages, one a platform.
 */
export function missingTools(packages, root, here = platform()) {
  const tools = Object.entries(packages).filter(([place, { dev, optional }]) => place && dev && !optional);
  const found = new Set();
  for (const [place, { optionalDependencies = {} }] of tools) {
    for (const name of Object.keys(optionalDependencies)) {
      const at = [`${place}/node_modules/${name}`, `node_modules/${name}`].find((it) => packages[it]);
      if (at === undefined || !isFor(packages[at], here)) continue;
      if (!fs.existsSync(path.join(root, at, 'package.json'))) found.add(`${name}@${packages[at].version}`);
    }
  }
  return [...found].sort();
}

/** Packages that name no platform are no binaries. */
function isFor({ os, cpu, libc }, here) {
  if (!os || !cpu) return false;
  return os.includes(here.os) && cpu.includes(here.cpu) && (!libc || libc.includes(here.libc));
}

function platform() {
  const { platform: os, arch: cpu } = process;
  if (os !== 'linux') return { os, cpu };
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  return { os, cpu, libc: glibc ? 'glibc' : 'musl' };
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
