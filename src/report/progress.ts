import { messageOf } from '../core/errors.js';
import type {
  ByClass,
  DoneEvent,
  EpochEvent,
  Metrics,
  StepEvent,
  TrainEvent,
  WeightsReport,
} from '../core/events.js';
import { printable } from '../core/printable.js';
import { duration, grouped, percent, short, stepsIn } from './format.js';
import type { EventObserver } from './jsonl.js';
import { RewrittenLine, type Sink } from './rewritten-line.js';

/** Options of `report`. */
export interface ReportOptions {
  /** Default: process.stderr; standard output stays free for results. */
  readonly sink?: Sink;
  /** Printed in front of every line, to distinguish runs. */
  readonly label?: string;
  /** Seconds between two lines about steps: default 0.1 on a terminal, 30 elsewhere. */
  readonly every?: number;
  /** Milliseconds. */
  readonly now?: () => number;
}

/**
 * Prints the progress of a training for people: `train(…).subscribe(report())`. On a terminal, one line is rewritten a few
 * times a second and each epoch leaves a line; elsewhere, plain lines are printed, few of them.
 *
 * @param options `sink` (default `process.stderr`: standard output stays free for results), `label` in front of every
 * line, `every` seconds between lines about steps (default 0.1 on a terminal, else 30), `now` in milliseconds
 *
 * @example
 * const lines: string[] = [];
 * const log = report({ label: 'bare', sink: { write: (text) => lines.push(text) } });
 * log.next({ kind: 'notice', step: 0, epoch: 0, message: 'trains on 2 classes' });
 * lines // → ['bare: trains on 2 classes\n']
 */
export function report(options: ReportOptions = {}): EventObserver {
  const { sink = process.stderr, label, now = () => performance.now() } = options;
  const line = new RewrittenLine(sink, label ? `${printable(label)}: ` : '');
  const every = options.every === undefined ? line.every : 1000 * options.every;
  const staying = (text: string) => line.stay(text);
  let reported = now();
  let epochs: number | undefined;
  /** The step from which the training continues. */
  let resumedAt: number | undefined;
  const rate = new Rate();
  /** Class by class, by epoch. */
  const seen = new Map<number, ByClass>();

  const print: { [K in TrainEvent['kind']]?: (event: Extract<TrainEvent, { kind: K }>) => void } = {
    start(event) {
      epochs = event.epochs;
      staying(
        `${event.model}, ${grouped(event.parameters)} parameters, on ${event.backend}, seed ${event.seed}`,
      );
      if (event.backendWhy) staying(`${event.backend} is ${event.backendWhy}`);
      const { resumed } = event;
      resumedAt = resumed?.step;
      if (resumed)
        staying(`continues from ${resumed.path}: step ${resumed.step}, epoch ${resumed.epoch + 1}`);
    },
    notice: (event) => staying(event.message),
    step(event) {
      rate.add(event);
      if (now() - reported < every) return;
      reported = now();
      line.pass(stepLine(event, rate, epochs));
    },
    epoch: (event) => staying(epochLine(event, epochs)),
    evaluation({ set, epoch, byClass, bad: [first, ...more] = [] }) {
      if (set === 'validation' && byClass) seen.set(epoch, byClass);
      const name = set === 'validation' ? 'test' : set;
      if (first) staying(`evaluation on ${name}: ${grouped(1 + more.length)} left out (${first.reason})`);
    },
    stopped: (event) => staying(`${event.reason === 'aborted' ? '' : 'stopped: '}${event.message}`),
    done(event) {
      if (event.stopped === 'aborted') return; // all was said when it stopped
      staying(doneLine(event, resumedAt));
      const { best } = event;
      const byClass = best?.restored ? seen.get(best.epoch) : [...seen.values()].at(-1);
      const weakest = byClass && weakestOf(byClass);
      if (weakest) staying(weakest);
    },
  };
  return {
    next: (event) => (print[event.kind] as ((event: TrainEvent) => void) | undefined)?.(event),
    error: (error) => staying(messageOf(error).replaceAll('\n', ' ')),
    complete: () => line.close(),
  };
}

/** Metrics that are shares. */
const SHARES = new Set(['accuracy', 'top5', 'ece']);

/** Speed and waiting time over the last steps: a slow first step is soon forgotten. */
class Rate {
  private readonly recent: StepEvent[] = [];

  add(event: StepEvent): void {
    this.recent.push(event);
    if (this.recent.length > 20) this.recent.shift();
  }

  get imagesPerSecond(): number {
    return (
      (1000 * this.sum((e) => e.size)) /
      Math.max(
        1e-3,
        this.sum((e) => e.stepMs + e.waitMs),
      )
    );
  }

  /** The share of time in which the trainer waits for the stream. */
  get waiting(): number {
    return (
      this.sum((e) => e.waitMs) /
      Math.max(
        1e-3,
        this.sum((e) => e.stepMs + e.waitMs),
      )
    );
  }

  private sum(pick: (event: StepEvent) => number): number {
    return this.recent.reduce((total, event) => total + pick(event), 0);
  }
}

function stepLine(event: StepEvent, rate: Rate, epochs: number | undefined): string {
  const parts = [
    `epoch ${event.epoch + 1}${epochs ? `/${epochs}` : ''}`,
    `step ${event.step}`,
    ...(event.progress > 0 ? [percent(event.progress, 0)] : []),
    metricsOf(event.metrics),
    `lr ${short(event.learningRate)}`,
    `${rate.imagesPerSecond.toFixed(0)} images/s`,
    ...(rate.waiting > 0.05 ? [`waits ${percent(rate.waiting, 0)}`] : []),
  ];
  return parts.join('  ');
}

function epochLine(event: EpochEvent, epochs: number | undefined): string {
  const sets: [string, Metrics | undefined][] = [
    ['train', event.train],
    ['clean', event.clean],
    ['test', event.validation],
  ];
  return [
    `epoch ${event.epoch + 1}${epochs ? `/${epochs}` : ''}`,
    ...sets.flatMap(([name, metrics]) => (metrics ? [`${name} ${metricsOf(metrics)}`] : [])),
    ...(event.gap === undefined ? [] : [`gap ${percent(event.gap)}`]),
    ...weightsOf(event.weights),
    duration(event.seconds),
    ...(event.imagesPerSecond === undefined ? [] : [`${event.imagesPerSecond.toFixed(0)} images/s`]),
    ...(event.leftOut ? [`${grouped(event.leftOut.count)} left out`] : []),
  ].join('  ');
}

function doneLine(event: DoneEvent, resumedAt: number | undefined): string {
  const { best, validation, gap } = event;
  return [
    `done: ${stepsIn(event, resumedAt)}`,
    ...(validation ? [`test ${metricsOf(validation)}`] : []),
    ...(gap === undefined ? [] : [`gap ${percent(gap)}`]),
    ...weightsOf(event.weights),
    ...(best?.restored ? [`the weights are those of epoch ${best.epoch + 1}`] : []),
  ].join(', ');
}

/** 'least recognized: cat 41.0 %, dog 52.3 %, …': the three weakest classes, where there are more than two. */
function weakestOf({ classes, accuracy }: ByClass): string | undefined {
  const known = classes.flatMap((name, i) => {
    const share = accuracy[i];
    return typeof share === 'number' ? [{ name, share }] : [];
  });
  if (known.length < 3) return undefined;
  const weakest = known.sort((a, b) => a.share - b.share).slice(0, 3);
  return `least recognized: ${weakest.map(({ name, share }) => `${printable(name, 60)} ${percent(share)}`).join(', ')}`;
}

/** 'norm 12.3', 'lr/norm² 0.002', and the share of zeros where there are any. */
function weightsOf(weights: WeightsReport | undefined): string[] {
  if (!weights) return [];
  const { norm, zeros, effectiveLearningRate } = weights;
  const parts = [`norm ${short(norm)}`, `lr/norm² ${short(effectiveLearningRate)}`];
  return zeros > 0 ? [...parts, `zeros ${percent(zeros)}`] : parts;
}

/** 'loss 1.234 accuracy 56.7 %', then other metrics. */
function metricsOf(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${SHARES.has(name) ? percent(value) : short(value)}`)
    .join(' ');
}
