/**
 * Temporary files, in the folder of the file that they become, and the removal of those that a killed process left. The
 * name identifies the writer, `last.ckpt.rxaug-HOST-PID-RANDOM.tmp`: no file of a live process is removed.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { HOST, isRunning } from './process-owner.js';

const NAME = /\.rxaug-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/;

/** Milliseconds without a change after which a file of another machine counts as abandoned. */
const ABANDONED = 3_600_000;

/** A name in the folder of `file` that no other process takes. */
export function temporaryName(file: string): string {
  return `${file}.rxaug-${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

/** Whether a file's name is one of these: somebody still writes it, or was killed while writing. */
export function isTemporary(name: string): boolean {
  return NAME.test(name);
}

/** Removes a temporary file after a failure. Errors are ignored: the failure itself is what gets reported. */
export function dropTemporary(file: string | undefined): void {
  try {
    if (file !== undefined) rmSync(file, { force: true });
  } catch {
    // The disk is gone, or read-only by now: the next start removes it.
  }
}

/** Removes temporary files that dead processes left in a folder. What cannot be removed stays, without an error. */
export function sweepTemporary(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // there is no such folder, or it cannot be listed
  }
  for (const name of names) {
    const found = NAME.exec(name);
    if (!found) continue;
    const file = path.join(folder, name);
    try {
      if (isAbandoned(statSync(file).mtimeMs, found[1], Number(found[2]))) rmSync(file, { force: true });
    } catch {
      // Another process was quicker, or the folder is read-only.
    }
  }
}

const swept = new Set<string>();

/** The same, once for each folder in the life of this process: for writers that are called often. */
export function sweepTemporaryOnce(folder: string): void {
  const place = path.resolve(folder);
  if (swept.has(place)) return;
  swept.add(place);
  sweepTemporary(place);
}

function isAbandoned(changed: number, host: string, pid: number): boolean {
  const now = Date.now();
  if (now - changed > ABANDONED) return true; // a live process with that number is another one
  if (host !== HOST) return false;
  // In a restarted container, a previous process had the same number.
  if (pid === process.pid) return changed < now - 1000 * process.uptime();
  return !isRunning(pid);
}
