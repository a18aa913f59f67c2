/** Runs a program to its end, or until it takes too long or makes no progress. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const isWindows = process.platform === 'win32';
const children = new Set();

// Children have their own process group, so their children end with them; Ctrl-C does not reach them directly.
process.on('exit', () => {
  for (const child of children) kill(child);
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => process.exit(code));
}

/**
 * Returns { ok, output, why }: output is stdout and stderr together, why is a short reason of a failure.
 * `watch()` gives the bytes that exist so far; when they have not grown for `patience` seconds the program is
 * stopped. `seconds` is the limit for all. `started(pid)` is called once it runs.
 */
export async function run(command, args, { cwd, env, seconds = 600, watch, patience = 20, started } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !isWindows,
  });
  children.add(child);
  if (child.pid !== undefined) started?.(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output = (output + text).slice(-200_000);
    });
  }
  let stopped;
  const stop = (why) => {
    stopped ??= why;
    kill(child);
  };
  const limit = setTimeout(() => stop(`took longer than ${seconds} s`), seconds * 1000);
  let bytes = -1;
  let grewAt = Date.now();
  const watching = setInterval(() => {
    if (!watch) return;
    const now = watch();
    const allowed = typeof patience === 'function' ? patience() : patience;
    if (now > bytes) [bytes, grewAt] = [now, Date.now()];
    else if (Date.now() - grewAt > allowed * 1000) stop(`nothing arrived for ${allowed} s`);
  }, 1000);
  const why = await new Promise((resolve) => {
    child.once('error', (error) =>
      resolve(error.code === 'ENOENT' ? `${command} is not there` : error.message),
    );
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : code === null ? `ended by ${signal}` : `exit code ${code}`);
    });
  });
  clearTimeout(limit);
  clearInterval(watching);
  children.delete(child);
  return { ok: why === undefined && !stopped, output, why: stopped ?? why };
}

function kill(child) {
  try {
    if (isWindows) child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has gone already.
  }
}

/** Bytes in a folder and all below it; files deleted meanwhile are ignored. */
export function sizeOf(folder) {
  let bytes = 0;
  let entries = [];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {}
  for (const entry of entries) {
    const at = path.join(folder, entry.name);
    try {
      bytes += entry.isDirectory() ? sizeOf(at) : fs.lstatSync(at).size;
    } catch {}
  }
  return bytes;
}

/** The line of a program's output that says most, shortened. */
export function lastWords({ output, why }, pattern = /error/i) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const line = lines.filter((text) => pattern.test(text)).at(-1) ?? lines.at(-1) ?? '';
  const words = line.replace(/^(npm )?error:?\s*/i, '').slice(0, 160);
  return words && !why?.startsWith('nothing arrived') && !why?.startsWith('took') ? words : (why ?? words);
}
