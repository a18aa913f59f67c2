import { messageOf } from '../core/errors.js';
import type { TrainEvent } from '../core/events.js';
import { LineFile } from '../core/files/line-file.js';

/** An observer of training events, for `tap` and `subscribe`. */
export interface EventObserver {
  next(event: TrainEvent): void;
  error(error: unknown): void;
  complete(): void;
}

/**
 * Writes events to a file as lines of JSON: `train(…).pipe(tap(jsonl('run.jsonl')))`. Each line is an event and the time
 * at which it was written. A run that resumes from a checkpoint appends to the file; any other starts it anew. `rxaug
 * compare` reads such files.
 *
 * @param file its path; the folder is created if needed
 * @param options `now`, the clock; default the system's
 * @throws RxaugError if the file cannot be written, at the first event
 *
 * @example
 * const log = jsonl('out/run.jsonl');
 * log.next({ kind: 'notice', step: 0, epoch: 0, message: 'begun' });
 * log.complete();
 */
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
