/** Names of files that belong to one process: `use-HOST-PID-START-RANDOM`, and whether that process is still there. */
import { randomBytes } from 'node:crypto';
import { HOST, isRunning, lifeOf } from '../../core/files/process-owner.js';

const NAME = /^(\w+)-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}$/;
/** Milliseconds after which a file of another machine counts as abandoned. */
const ABANDONED = 7 * 24 * 3_600_000;

const life = lifeOf(process.pid);

/** A name of this process; of none (`free`), it is anybody's. */
export function processName(kind: string, { free = false } = {}): string {
  return `${kind}-${HOST}-${free ? 0 : process.pid}-${life}-${randomBytes(4).toString('hex')}`;
}

/** Whether a name is of this kind. */
export function isOfKind(kind: string, name: string): boolean {
  return NAME.exec(name)?.[1] === kind;
}

/** Whether the process of a name may still be there; in doubt it is. */
export function isLive(name: string, changedMs: number): boolean {
  const [, , host, pid, start] = NAME.exec(name) ?? [];
  if (pid === undefined || Number(pid) === 0) return false;
  if (host !== HOST) return Date.now() - changedMs < ABANDONED;
  return isRunning(Number(pid), start as string);
}
