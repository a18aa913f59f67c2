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
 * All zeros where the system does not tell, as only Linux does.
 */
export function lifeOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name of the program stands in parentheses and may hold any character; the start is the 20th field behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return start ? short(`${boot} ${start}`) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

/** Whether a process of this machine and namespace runs. One that cannot be told from a later one of its id counts as running. */
export function isRunning(pid: number, life: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = lifeOf(pid);
  return life === now || life === UNKNOWN || now === UNKNOWN;
}
