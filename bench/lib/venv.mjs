/**
 * The peers' virtual environment, bench/.venv, made on first use from the pinned lists in bench/peers.
 * A failure is a reason, not an error: the peers concerned are reported as absent with it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const CHECK =
  'import torch, torchvision, cv2, PIL; m = torch.nn.Conv2d(3, 8, 3); m(torch.zeros(1, 3, 8, 8)).sum().backward()';

/** A Python that runs the peers, or why there is none. */
export async function peersPython(bench, log) {
  const peers = join(bench, 'peers');
  const home = join(bench, '.venv');
  const python = join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const main = join(peers, 'requirements.txt');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];

  if (!isMade(home, main)) {
    log('making bench/.venv for the peers (once, some minutes)');
    rmSync(home, { recursive: true, force: true });
    const failure =
      (await run('python3', ['-m', 'venv', home])) ??
      (await run(python, [...pip, '--no-deps', '-r', main])) ??
      (await makeTorchLoad(python, pip, main, peers, log));
    if (failure) return { reason: `the Python packages of the peers could not be installed: ${failure}` };
    markMade(home, main);
  }
  for (const name of ['albumentations', 'onnxruntime']) {
    const extra = join(peers, `requirements-${name}.txt`);
    if (isMade(home, extra)) continue;
    const failure = await run(python, [...pip, '--no-deps', '-r', extra]);
    if (failure) log(`${name} could not be installed: ${failure}`);
    else markMade(home, extra);
  }
  return { python };
}

/** Tries stubs for the CUDA libraries first, then the libraries themselves. */
async function makeTorchLoad(python, pip, list, peers, log) {
  const check = () => run(python, ['-c', CHECK]);
  if (!(await check())) return undefined;
  const failure = (await run(python, [join(peers, 'cudastubs.py')])) ?? (await check());
  if (!failure) return undefined;
  log(`torch does not load with stubs for CUDA (${failure}); fetching the CUDA libraries, 2 GB`);
  const torch = readFileSync(list, 'utf8').match(/^torch(vision)?==.*$/gm);
  return (await run(python, [...pip, ...torch])) ?? (await check());
}

const stampOf = (home, list) => join(home, `${basename(list)}.made`);
const isMade = (home, list) => {
  const stamp = stampOf(home, list);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(list, 'utf8');
};
const markMade = (home, list) => writeFileSync(stampOf(home, list), readFileSync(list, 'utf8'));

/** Nothing when the command went well, else the last line of what it said. */
function run(exe, args) {
  return new Promise((resolve) => {
    const child = spawn(exe, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said = (said + text).slice(-4000);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : said.trim().split('\n').at(-1) || `exit ${code}`),
    );
  });
}
