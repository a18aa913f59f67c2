/** Prints the events of a run: progress on stderr, text on stdout unless that is reserved for JSON. */
import type { TrainEvent } from '../core/events.js';
import { printable } from '../core/index.js';
import type { PipelineEvent } from '../pipeline/define-pipeline.js';
import { checkSquares, halfBlocks } from '../report/half-blocks.js';
import { type EventObserver, report } from '../report/index.js';
import { PlanBar } from '../report/plan-bar.js';
import { print, say } from './out.js';

/** The longest line about a file. */
const LINE = 4000;

export interface ConsoleReporter {
  next(event: PipelineEvent): void;
  /** Ends the line that is being rewritten. */
  complete(): void;
}

export function consoleReporter(json: boolean): ConsoleReporter {
  /** One progress line per training. */
  const reports = new Map<string, EventObserver>();
  let bar: PlanBar | undefined;
  const complete = () => {
    bar?.complete();
    for (const each of reports.values()) each.complete();
  };
  return {
    next(event) {
      if (event.kind === 'text') {
        complete();
        (json ? say : print)(event.text);
      } else if (event.kind === 'file') {
        complete();
        say(printable(`${event.what}: ${event.path}`, LINE));
      } else if (event.kind === 'pictures') {
        const { stdout } = process;
        // Pictures of a wrong size are an error also where none are shown.
        checkSquares(event.pictures, event.side);
        if (json || !stdout.isTTY || !stdout.hasColors(256)) return;
        complete();
        const depth = stdout.hasColors(2 ** 24) ? 24 : 8;
        const text = halfBlocks(event.pictures, event.side, stdout.columns, depth);
        if (text) stdout.write(`${text}\n`);
      } else if (event.kind === 'plan') {
        complete();
        say(printable(event.text, LINE));
        bar = new PlanBar(event.trainings);
      } else if (event.kind !== 'result' && bar) {
        bar.next(event);
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
