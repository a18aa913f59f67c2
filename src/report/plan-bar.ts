/** Several trainings as one bar: how much of a plan is done, and how long the rest takes. */
import { expected, messageOf, show, UsageError } from '../core/errors.js';
import type { EpochEvent, TrainEvent } from '../core/events.js';
import { duration, grouped, percent, stepsIn } from './format.js';
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

/** Characters of the bar, between its brackets: as many as there is room for. */
const WIDE = 24;
const NARROW = 6;
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
  /** By training of the plan: the share where this run took it up, and the one that it has reached. */
  private readonly from: number[];
  private readonly reached: number[];
  private told: number;
  private introduced = false;
  private tested = '';
  /** The step from which the training continues. */
  private resumedAt: number | undefined;
  private leftOut = 0;

  /** @throws UsageError for a plan that names a training twice, or has no time for one */
  constructor(
    private readonly plan: readonly Planned[],
    { sink = process.stderr, now = () => performance.now() }: PlanBarOptions = {},
  ) {
    check(plan);
    this.line = new RewrittenLine(sink);
    this.now = now;
    this.began = now();
    this.told = this.began;
    this.total = plan.reduce((sum, { seconds }) => sum + seconds, 0);
    this.from = plan.map(() => 0);
    this.reached = plan.map(() => 0);
  }

  next(event: TrainEvent & { readonly run?: string }): void {
    const at = this.plan.findIndex(({ run }) => run === event.run);
    const name = event.run ?? 'training';
    if (event.kind === 'start') {
      this.tested = '';
      this.leftOut = 0;
      if (!this.introduced)
        this.line.stay(`on ${event.backend}${event.backendWhy ? `: ${event.backendWhy}` : ''}`);
      this.introduced = true;
      const { resumed } = event;
      this.resumedAt = resumed?.step;
      if (resumed) this.line.stay(`${name}: continues from ${resumed.path}: step ${resumed.step}`);
    } else if (event.kind === 'notice') this.line.stay(`${name}: ${event.message}`);
    else if (event.kind === 'stopped') {
      this.line.stay(event.reason === 'aborted' ? event.message : `${name}: stopped: ${event.message}`);
    } else if (event.kind === 'evaluation') {
      const [bad, ...more] = event.bad ?? [];
      if (bad) this.line.stay(`${name}: ${event.set}: ${1 + more.length} left out (${bad.reason})`);
      const { accuracy } = event.metrics;
      if (event.set === 'validation' && accuracy !== undefined) this.tested = `, test ${percent(accuracy)}`;
    } else if (event.kind === 'epoch') this.tellLeftOut(name, event);
    else if (event.kind === 'done' && event.stopped !== 'aborted') {
      const { accuracy } = event.validation ?? {};
      const figure = accuracy === undefined ? '' : `test accuracy ${percent(accuracy)}, `;
      this.line.stay(`${name}: ${figure}${stepsIn(event, this.resumedAt)}`);
    } else if (event.kind === 'step' && at >= 0) {
      const { progress, step } = event;
      // Its earlier steps took none of this run's time.
      if (this.resumedAt !== undefined && step === this.resumedAt + 1) this.from[at] = progress;
      this.reached[at] = progress;
      this.show(at, progress);
    }
  }

  error(error: unknown): void {
    this.line.stay(messageOf(error).replaceAll('\n', ' '));
  }

  /** Erases the bar: other text follows. */
  complete(): void {
    this.line.erase();
  }

  /** An epoch like the one before tells nothing new. */
  private tellLeftOut(name: string, { epoch, leftOut }: EpochEvent): void {
    const count = leftOut?.count ?? 0;
    if (leftOut && count !== this.leftOut)
      this.line.stay(`${name}: epoch ${epoch + 1}: ${grouped(count)} left out (${leftOut.first.reason})`);
    this.leftOut = count;
  }

  private show(at: number, progress: number): void {
    const now = this.now();
    if (now - this.told < this.line.every) return;
    this.told = now;
    const { run, seconds: own } = this.plan[at] as Planned;
    const before = this.plan.slice(0, at).reduce((sum, { seconds }) => sum + seconds, 0);
    const done = before + own * progress;
    // What was done before this run, or not needed as a training ended early, says nothing of its speed.
    const worked = this.plan.reduce(
      (sum, { seconds }, i) => sum + seconds * ((this.reached[i] as number) - (this.from[i] as number)),
      0,
    );
    const trusted = TRUST * this.total;
    const slower = ((now - this.began) / 1000 + trusted) / (worked + trusted);
    const seconds = Math.round((this.total - done) * slower);
    const left = `${seconds < 10 ? `${seconds} s` : duration(seconds)} left`;
    const share = done / this.total;
    const head = percent(share, 0).padStart(5);
    const which = `${at + 1} of ${this.plan.length}: ${run}`;
    this.line.pass(
      this.fitting(share, [
        `${head}  ${which}${this.tested}, ${left}`,
        `${head}  ${which}, ${left}`,
        `${head}, ${left}`,
      ]),
    );
  }

  /** The first of the texts that there is room for, and a bar before it where there is room for that, too. */
  private fitting(share: number, texts: readonly string[]): string {
    const { room, onTerminal } = this.line;
    const text = texts.find(({ length }) => length <= room) ?? (texts.at(-1) as string);
    const wide = Math.min(WIDE, room - text.length - '[] '.length);
    if (!onTerminal || wide < NARROW) return text;
    const full = Math.round(wide * share);
    return `[${'='.repeat(full)}${' '.repeat(wide - full)}] ${text}`;
  }
}

function check(plan: readonly Planned[]): void {
  const names = new Set<string>();
  for (const { run, seconds } of plan) {
    if (!(Number.isFinite(seconds) && seconds > 0))
      throw new UsageError(
        expected(`plan: seconds of ${show(run)}`, 'a number above 0', seconds, 'estimate them'),
      );
    if (names.has(run)) throw new UsageError(`plan: ${show(run)} is there twice; name each training once`);
    names.add(run);
  }
}
