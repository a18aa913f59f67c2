/**
 * Events as lines of JSON in a file: `train(...).pipe(tap(jsonl('run.jsonl')))`. Each line is an event and
 * the time it was written. A run that is resumed from a checkpoint appends; any other begins the file anew.
 */
import { messageOf } from '../core/errors.js';
import type { TrainEvent } from '../core/events.js';
import { LineFile } from '../core/line-file.js';

export interface EventObserver {
  next(event: TrainEvent): void;
  error(error: unknown): void;
  complete(): void;
}

export function jsonl(
  file: string,
  { now = () => new Date() }: { readonly now?: () => Date } = {},
): EventObserver {
  let log: LineFile | undefined;
  const write = (line: object, fresh: boolean) => {
    log ??= new LineFile(file, !fresh);
    log.write({ time: now().toISOString(), ...line });
  };
  const close = () => {
    log?.dispose();
    log = undefined;
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
