/** A run's events for people, as they come: progress on stderr, text on stdout unless that is kept for JSON. */
import type { TrainEvent } from '../core/events.js';
import { type EventObserver, report } from '../report/index.js';
import type { PipelineEvent } from './define-pipeline.js';

export interface Teller {
  next(event: PipelineEvent): void;
  /** Finishes a line that is still being written over. */
  complete(): void;
}

export function teller(json: boolean): Teller {
  /** One progress line a training. */
  const reports = new Map<string, EventObserver>();
  const complete = () => {
    for (const each of reports.values()) each.complete();
  };
  return {
    next(event) {
      if (event.kind === 'text') {
        complete();
        (json ? process.stderr : process.stdout).write(`${event.text}\n`);
      } else if (event.kind === 'file') {
        complete();
        process.stderr.write(`${event.what}: ${event.path}\n`);
      } else if (event.kind !== 'result') {
        const run = event.run ?? '';
        const known = reports.get(run) ?? report({ label: run || undefined });
        reports.set(run, known);
        known.next(event as TrainEvent);
      }
    },
    complete,
  };
}
