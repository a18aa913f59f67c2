/** What an earlier run has left in an output folder, to keep a finished training from being overwritten by accident. */
import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../core/index.js';

/** Bytes at the end of a log in which the last events are looked for. */
const TAIL = 1 << 16;

/** Checkpoints that a run writes into its folder. */
const CHECKPOINTS = ['last.ckpt', 'best.ckpt'];

/** A run that begins anew, in a folder that may hold an earlier one. */
export function makeRoom(out: string, { overwrite = false }: { readonly overwrite?: boolean }): void {
  const begun = existsSync(join(out, 'last.ckpt'));
  const finished = hasFinished(join(out, 'events.jsonl'));
  if (!overwrite && (begun || finished)) {
    const what = finished ? 'a run that is finished' : 'a run that is not finished';
    throw new UsageError(
      `${out}: holds ${what}; continue it with --resume, give another folder with --out, or replace it with --overwrite`,
    );
  }
  // Else a run that is stopped before its first checkpoint would leave those of the earlier one beside its own log.
  for (const name of CHECKPOINTS) rmSync(join(out, name), { force: true });
}

/** Whether a log ends with a training that came to its end; those of several trainings in a run are named, and not meant. */
export function hasFinished(log: string): boolean {
  return lastLines(log).some((line) => {
    if (!line.includes('"done"')) return false;
    try {
      const { kind, run, stopped } = JSON.parse(line) as Record<string, unknown>;
      return kind === 'done' && run === undefined && stopped !== 'aborted';
    } catch {
      return false; // the first line of the tail may be cut
    }
  });
}

function lastLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(TAIL, size));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8').split('\n');
  } finally {
    closeSync(fd);
  }
}
