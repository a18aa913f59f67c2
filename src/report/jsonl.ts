/**
 * Events as lines of JSON in a file: `train(...).pipe(tap(jsonl('run.jsonl')))`. Each line is an event and
 * the time it was written, in a single write, so that a run that is killed leaves whole lines. A run that
 * goes on from a checkpoint appends; any other begins the file anew.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { messageOf, RxaugError } from '../core/errors.js';
import type { TrainEvent } from '../core/events.js';
import { makeFolder } from '../core/make-folder.js';
import { printableJson } from '../core/printable.js';

export interface EventObserver {
  next(event: TrainEvent): void;
  error(error: unknown): void;
  complete(): void;
}

export function jsonl(
  file: string,
  { now = () => new Date() }: { readonly now?: () => Date } = {},
): EventObserver {
  let fd: number | undefined;
  const write = (line: object, fresh: boolean) => {
    if (fd === undefined) makeFolder(path.dirname(path.resolve(file)));
    try {
      fd ??= openSync(file, fresh ? 'w' : 'a');
      writeSync(fd, `${printableJson({ time: now().toISOString(), ...line })}\n`);
    } catch (error) {
      throw new RxaugError(`log ${file}: cannot be written (${messageOf(error)}); choose another file`);
    }
  };
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return {
    next: (event) => write(event, event.kind === 'start' && !event.resumed),
    error: (error) => {
      write({ kind: 'error', message: messageOf(error) }, false);
      close();
    },
    complete: close,
  };
}
