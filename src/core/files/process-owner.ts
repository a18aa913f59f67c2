/** Which process a file belongs to, by its name, and whether that process still runs. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';

const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Process ids mean something on one machine and in one namespace of processes only. */
export const HOST = short(`${os.hostname()} ${processNamespace()}`);

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // not Linux
  }
}

/** Of a process whose start is not known. */
const UNKNOWN = '00000000';

/**
 * The boot of the machine and the start of a process in it, as eight hexadecimal digits: ids of processes are used again.
 * All zeros where the system does not give them: only Linux does.
 */
export function lifeOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const start = statOf(pid)[19];
    return start ? short(`${boot} ${start}`) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

/** The fields of Linux's `stat` behind the name, which is in parentheses and may hold any character. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Ended, and not yet noticed by its parent: it keeps its id. */
function isZombie(pid: number): boolean {
  try {
    return statOf(pid)[0] === 'Z';
  } catch {
    return false;
  }
}

/**
 * Whether a process of this machine and namespace runs. One that cannot be distinguished from a later one with its id counts as running.
 *
 * @param life what `lifeOf` gave while it ran, where that is known
 */
export function isRunning(pid: number, life = UNKNOWN): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (isZombie(pid)) return false;
  const now = lifeOf(pid);
  return life === now || life === UNKNOWN || now === UNKNOWN;
}
