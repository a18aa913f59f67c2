/** What the figures were measured on, and on which of its cores. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

export function machine() {
  const allowed = allowedCores();
  const pins = spawnSync('taskset', ['-c', String(allowed.at(-1)), 'true']).status === 0;
  const report = {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: allowed.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    loadBefore: Number(os.loadavg()[0].toFixed(2)),
    pinned: pins,
    date: new Date().toISOString(),
  };
  // The last core: the first one often has the interrupts.
  return { report, core: pins ? allowed.at(-1) : undefined };
}

function allowedCores() {
  try {
    const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
    return list.split(',').flatMap((part) => {
      const [from, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
  } catch {
    return os.cpus().map((_, i) => i);
  }
}
