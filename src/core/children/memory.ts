/** Watches the memory of another process. */
import { readFileSync } from 'node:fs';

/** Milliseconds between two looks: what grows faster is left to the system. */
const EVERY = 100;

/** Resident memory of a process in bytes; undefined where the system does not give it. */
export function memoryOf(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return found ? 1024 * Number(found[1]) : undefined;
  } catch {
    return undefined; // not Linux, or it has ended
  }
}

/** Calls `over` once, when the process holds more than so many bytes. Returns what ends the watch. */
export function watchMemory(pid: number, most: number, over: () => void): () => void {
  const timer = setInterval(() => {
    if ((memoryOf(pid) ?? 0) <= most) return;
    clearInterval(timer);
    over();
  }, EVERY).unref();
  return () => clearInterval(timer);
}
