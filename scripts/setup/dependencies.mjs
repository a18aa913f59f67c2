/** `npm ci` when what is installed is not what package-lock.json asks for, or was never finished. */
import fs from 'node:fs';
import path from 'node:path';
import { fixFor } from './fixes.mjs';
import { installing } from './installing.mjs';
import { run } from './run.mjs';
import { SetupError, say } from './say.mjs';

export async function ensureDependencies(root) {
  const mark = installing(root);
  await mark.otherEnds();
  if (mark.isOlderThan(lockIn(root)) && areCurrent(root)) return mark.clear();
  say('installing dependencies with npm ci');
  let result = await install(root, mark);
  if (!result.ok && IN_THE_WAY.test(result.output)) {
    // Half a node_modules of an npm that was killed, which npm itself does not get out of the way.
    say('npm ci failed over what an earlier one left; emptying node_modules and trying once more');
    empty(path.join(root, 'node_modules'));
    result = await install(root, mark);
  }
  if (!result.ok) throw new SetupError(sentenceFor(result));
  mark.clear();
}

async function install(root, mark) {
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
  return run(command, [...first, ...what, ...limits], { cwd: root, seconds: 900, started: mark.set });
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

/** What npm says, and what helps. */
export function sentenceFor({ output, why }) {
  const said = [...output.matchAll(/^npm (?:error|ERR!) +(.+)$/gm)].map(([, words]) => words);
  const words = said.slice(0, 2).join(': ').slice(0, 200) || why;
  const again = why?.startsWith('ended by SIG') ? 'run it again' : undefined;
  const removed = IN_THE_WAY.test(output) ? 'remove node_modules and run it again' : undefined;
  const fix =
    fixFor(output) ?? removed ?? again ?? 'it needs the npm registry, or a cache that holds the packages';
  return `npm ci failed (${words}); ${fix}`;
}

function npmOnPath() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

/**
 * Compares the lock file with the one that npm leaves in node_modules when it has finished, and looks whether the packages
 * are there: an npm that is killed while it removes them may leave that file behind.
 */
export function areCurrent(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const present = packagesOf(lockIn(root));
  if (!wanted || !present) return false;
  const optional = Object.keys(wanted['']?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  return Object.entries(wanted).every(([place, { version, optional: mayMiss, link }]) => {
    if (place === '' || link) return true;
    const found = present[place];
    // What is optional may be for another platform, but what we name ourselves is for all.
    if (!found) return mayMiss === true && !optional.includes(place);
    return found.version === version && fs.existsSync(path.join(root, place, 'package.json'));
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
