/** Several trainings as one bar: how much of a plan is done, and how long the rest takes. */
import { messageOf } from '../core/errors.js';
import type { TrainEvent } from '../core/events.js';
import { duration, percent } from './format.js';
import type { EventObserver } from './jsonl.js';
import { RewrittenLine, type Sink } from './rewritten-line.js';

/** A training of a plan. */
export interface Planned {
  /** Its name in events. */
  readonly run: string;
  /** How long it is expected to take. Only the ratio to the others counts once some of the plan is done. */
  readonly seconds: number;
}

interface PlanBarOptions {
  readonly sink?: Sink;
  /** Milliseconds. */
  readonly now?: () => number;
}

const WIDE = 24;
/** The share of a plan by which the expectation is trusted: so much of it counts beside what was measured. */
const TRUST = 0.15;

/**
 * Prints the events of planned trainings, each with its `run`: on a terminal one bar that is written over, elsewhere a line
 * every 30 seconds. Trainings leave a line when they are done; epochs leave none.
 */
export class PlanBar implements EventObserver {
  private readonly line: RewrittenLine;
  private readonly now: () => number;
  private readonly began: number;
  private readonly total: number;
  private told: number;
  private introduced = false;
  private tested = '';

  constructor(
    private readonly plan: readonly Planned[],
    { sink = process.stderr, now = () => performance.now() }: PlanBarOptions = {},
  ) {
    this.line = new RewrittenLine(sink);
    this.now = now;
    this.began = now();
    this.told = this.began;
    this.total = plan.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  next(event: TrainEvent & { readonly run?: string }): void {
    const at = this.plan.findIndex(({ run }) => run === event.run);
    const name = event.run ?? 'training';
    if (event.kind === 'start') {
      this.tested = '';
      if (!this.introduced)
        this.line.stay(`on ${event.backend}${event.backendWhy ? `: ${event.backendWhy}` : ''}`);
      this.introduced = true;
      const { resumed } = event;
      if (resumed) this.line.stay(`${name}: continues from ${resumed.path}: step ${resumed.step}`);
    } else if (event.kind === 'notice') this.line.stay(`${name}: ${event.message}`);
    else if (event.kind === 'stopped') {
      this.line.stay(event.reason === 'aborted' ? event.message : `${name}: stopped: ${event.message}`);
    } else if (event.kind === 'evaluation') {
      const [bad, ...more] = event.bad ?? [];
      if (bad) this.line.stay(`${name}: ${event.set}: ${1 + more.length} left out (${bad.reason})`);
      const { accuracy } = event.metrics;
      if (event.set === 'validation' && accuracy !== undefined) this.tested = `, test ${percent(accuracy)}`;
    } else if (event.kind === 'done' && event.stopped !== 'aborted') {
      const { accuracy } = event.validation ?? {};
      const figure = accuracy === undefined ? '' : `test accuracy ${percent(accuracy)}, `;
      this.line.stay(`${name}: ${figure}${event.step} steps in ${duration(event.seconds)}`);
    } else if (event.kind === 'step' && at >= 0) this.show(at, event.progress);
  }

  error(error: unknown): void {
    this.line.stay(messageOf(error).replaceAll('\n', ' '));
  }

  /** Erases the bar: other text follows. */
  complete(): void {
    this.line.erase();
  }

  private show(at: number, progress: number): void {
    const now = this.now();
    if (now - this.told < this.line.every) return;
    this.told = now;
    const { run, seconds: own } = this.plan[at] as Planned;
    const before = this.plan.slice(0, at).reduce((sum, { seconds }) => sum + seconds, 0);
    const done = before + own * progress;
    const trusted = TRUST * this.total;
    const slower = ((now - this.began) / 1000 + trusted) / (done + trusted);
    const left = duration(Math.round((this.total - done) * slower));
    const share = done / this.total;
    const full = Math.round(WIDE * share);
    const bar = this.line.onTerminal ? `[${'='.repeat(full)}${' '.repeat(WIDE - full)}] ` : '';
    this.line.pass(
      `${bar}${percent(share, 0).padStart(5)}  ${at + 1} of ${this.plan.length}: ${run}${this.tested}, ${left} left`,
    );
  }
}
