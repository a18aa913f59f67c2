/** The plugins of XLA that this machine has, each tried in a process of its own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../core/index.js';
import { findPjrtPlugins, type PjrtPlugin } from '../../graph/index.js';
import type { Part } from './part.js';
import type { PjrtProbe } from './probe-pjrt.js';

const PROBE = fileURLToPath(new URL('../../../dist/cli/doctor/probe-pjrt.js', import.meta.url));
/** A plugin that hangs, such as one whose driver does not answer, is given up. */
const MILLISECONDS = 60_000;

/** A part for each plugin, or one that says how to get one. */
export async function xlaPlugins(
  setup: (kind: string) => string,
  plugins: readonly PjrtPlugin[] = findPjrtPlugins(),
  milliseconds = MILLISECONDS,
): Promise<Part[]> {
  if (plugins.length === 0)
    return [{ name: 'xla', available: false, why: 'no plugin of XLA is installed', fix: setup('cpu') }];
  const parts: Part[] = [];
  // One after the other: each takes the memory of its device.
  for (const plugin of plugins) parts.push(await partOf(plugin, setup, milliseconds));
  return parts;
}

async function partOf(
  { file, kind, version }: PjrtPlugin,
  setup: (kind: string) => string,
  milliseconds: number,
): Promise<Part> {
  const name = `xla-${kind}`;
  const { info, missing } = await probe(file, milliseconds);
  if (!info) {
    const again = `remove ${path.dirname(path.dirname(file))}, then ${setup(kind)}`;
    const fix = kind === 'given' ? 'correct RXAUG_PJRT_PLUGIN or unset it' : (FIXES[kind] ?? again);
    return { name, available: false, why: missing, fix };
  }
  const { apiVersion, platform, devices } = info;
  const kinds = [...new Set(devices)].map((device) => {
    const count = devices.filter((each) => each === device).length;
    return count > 1 ? `${count} × ${device}` : device;
  });
  const detail = `platform ${platform}, ${kinds.join(', ')}; C API ${apiVersion}, ${file}`;
  return { name, available: true, version: version ?? `C API ${apiVersion}`, detail, pjrt: info };
}

const FIXES: Readonly<Record<string, string>> = {
  cuda13: "install NVIDIA's driver, 580 or later",
  cuda12: "install NVIDIA's driver, 525 or later",
  rocm7: "install AMD's driver and ROCm 7",
};

async function probe(file: string, milliseconds: number): Promise<PjrtProbe> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [PROBE, path.resolve(file)], {
      timeout: milliseconds,
      killSignal: 'SIGKILL',
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PjrtProbe;
  } catch (error) {
    const { killed, signal } = error as { killed?: boolean; signal?: string };
    if (killed) return { missing: `it does not answer within ${milliseconds / 1000} s` };
    return {
      missing: `it ends its process (${signal ?? messageOf(error).split('\n')[0]})`,
    };
  }
}
