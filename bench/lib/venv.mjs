/**
 * The peers' virtual environments, made on first use from the pinned lists in bench/peers: bench/.venv for most, and
 * bench/.venv-NAME for those that cannot share it. A failure is a reason, not an error: the peers concerned are reported
 * as absent with it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const CHECK =
  'import torch, torchvision, cv2, PIL; m = torch.nn.Conv2d(3, 8, 3); m(torch.zeros(1, 3, 8, 8)).sum().backward()';

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];

/** Added to bench/.venv where they install; what does not is absent alone. */
const EXTRAS = ['albumentations', 'kornia', 'pyturbojpeg', 'onnxruntime', 'webdataset'];

/** Environments of their own. `torch`: finds what it lacks, torch above all, in bench/.venv. */
const APART = {
  albumentationsx: { torch: true },
  dali: {},
  tensorflow: {},
  ffcv: { resolve: true, torch: true },
};

const MAIN = 'main';

/**
 * `{ python }` or `{ reason }` for each of the environments asked for; `main` is bench/.venv, or `given` in its place.
 */
export async function peersPythons(bench, wanted, given, log) {
  const found = {};
  const needsMain = wanted.some((name) => name === MAIN || APART[name]?.torch);
  const main = given ? { python: given } : needsMain ? await mainPython(bench, log) : {};
  if (wanted.includes(MAIN)) found[MAIN] = main;
  for (const name of wanted.filter((name) => name !== MAIN))
    found[name] = await apart(bench, name, main, log);
  return found;
}

async function mainPython(bench, log) {
  const peers = join(bench, 'peers');
  const home = join(bench, '.venv');
  const python = pythonOf(home);
  const list = join(peers, 'requirements.txt');
  if (!isMade(home, list)) {
    log('making bench/.venv for the peers (once, some minutes)');
    const failure =
      (await fresh(home)) ??
      (await run(python, [...PIP, '--no-deps', '-r', list])) ??
      (await makeTorchLoad(python, list, peers, log));
    if (failure) return { reason: `the Python packages of the peers could not be installed: ${failure}` };
    markMade(home, list);
  }
  for (const name of EXTRAS) {
    const extra = join(peers, `requirements-${name}.txt`);
    if (isMade(home, extra)) continue;
    const failure = await run(python, [...PIP, '--no-deps', '-r', extra]);
    if (failure) log(`${name} could not be installed: ${failure}`);
    else markMade(home, extra);
  }
  return { python };
}

async function apart(bench, name, main, log) {
  const { torch, resolve } = APART[name];
  if (torch && !main.python) return { reason: main.reason };
  const home = join(bench, `.venv-${name}`);
  const list = join(bench, 'peers', `requirements-${name}.txt`);
  const python = pythonOf(home);
  if (isMade(home, list)) return { python };
  const before = failureOf(home, list);
  if (before) return { reason: before };
  log(`making bench/.venv-${name} (once)`);
  const failure =
    (await fresh(home)) ??
    (await run(python, [...PIP, ...(resolve ? [] : ['--no-deps']), '-r', list])) ??
    (torch ? await see(python, main.python) : undefined);
  if (!failure) {
    markMade(home, list);
    return { python };
  }
  const reason = `${name} could not be installed: ${failure}`;
  // Not tried again at every run: the list or the folder must change first.
  if (existsSync(home)) writeFileSync(failedAt(home), JSON.stringify({ list: read(list), reason }));
  return { reason };
}

/** Lets one environment find what it lacks in another; its own packages come first. */
async function see(python, other) {
  const ask = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
  const [here, there] = [await said(python, ask), await said(other, ask)];
  if (!here || !there) return 'its Python does not say where its packages are';
  writeFileSync(join(here, 'rxaug-bench.pth'), `${there}\n`);
}

/** Tries stubs for the CUDA libraries first, then the libraries themselves. */
async function makeTorchLoad(python, list, peers, log) {
  const check = () => run(python, ['-c', CHECK]);
  if (!(await check())) return undefined;
  const failure = (await run(python, [join(peers, 'cudastubs.py')])) ?? (await check());
  if (!failure) return undefined;
  log(`torch does not load with stubs for CUDA (${failure}); fetching the CUDA libraries, 2 GB`);
  const torch = read(list).match(/^torch(vision)?==.*$/gm);
  return (await run(python, [...PIP, ...torch])) ?? (await check());
}

const read = (path) => readFileSync(path, 'utf8');
const pythonOf = (home) => join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const stampOf = (home, list) => join(home, `${basename(list)}.made`);
const isMade = (home, list) => {
  const stamp = stampOf(home, list);
  return existsSync(stamp) && read(stamp) === read(list);
};
const markMade = (home, list) => writeFileSync(stampOf(home, list), read(list));
const failedAt = (home) => join(home, 'failed.json');

function failureOf(home, list) {
  if (!existsSync(failedAt(home))) return undefined;
  const { list: tried, reason } = JSON.parse(read(failedAt(home)));
  return tried === read(list) ? reason : undefined;
}

function fresh(home) {
  if (existsSync(home) && readdirSync(home).length > 0) rmSync(home, { recursive: true, force: true });
  return run('python3', ['-m', 'venv', home]);
}

/** Nothing when the command went well, else what it said went wrong: its last error, or its last line. */
async function run(exe, args) {
  const { code, err, failure } = await start(exe, args);
  if (failure) return failure;
  return code === 0 ? undefined : reasonIn(err) || `exit ${code}`;
}

async function said(exe, code) {
  const { out } = await start(exe, ['-c', code]);
  return out?.trim();
}

function start(exe, args) {
  return new Promise((resolve) => {
    const child = spawn(exe, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => {
      out = (out + text).slice(-4000);
    });
    child.stderr.on('data', (text) => {
      err = (err + text).slice(-8000);
    });
    child.on('error', (error) => resolve({ failure: error.message }));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** pip ends with a hint; the line that names the fault is that of the exception in what it ran. */
export function reasonIn(text) {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return lines.findLast((line) => /^(\w+\.)*\w*(Error|Exception): /.test(line)) ?? lines.at(-1);
}
