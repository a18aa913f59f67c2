/** What the figures are measured on. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { machine } from '../lib/machine.mjs';
import { rxaug } from '../lib/rxaug.mjs';
import { findPlugin, openDevice } from './device.mjs';

const run = promisify(execFile);

const TORCH = `
import json, torch
gpu = torch.cuda.is_available()
print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda, "gpu": torch.cuda.get_device_name() if gpu else None}))`;

export default async function measure({ python }) {
  const [gpus, torch, xla, webgpu] = await Promise.all([
    said(async () => {
      const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
      const { stdout } = await run('nvidia-smi', query, { timeout: 20_000 });
      return stdout.trim().split('\n');
    }),
    said(async () => JSON.parse((await run(python, ['-c', TORCH], { timeout: 90_000 })).stdout)),
    said(async () => {
      const device = await openDevice(findPlugin());
      const { info } = device;
      await device.close();
      return info;
    }),
    said(async () => {
      const { why } = await rxaug.loadBackend('webgpu');
      return why;
    }),
  ]);
  return { ...machine().report, gpus, xla, webgpu, torch };
}

/** What it gives, or one line on why it gives nothing. */
const said = (ask) => ask().catch((error) => ({ absent: `${error.message}`.trim().split('\n').at(-1) }));
