/**
 * Compares runs: how each ended, its best epoch, its weights or the judge's metrics of its generated images, and the
 * options that differ.
 */
import { isBetter } from '../core/better.js';
import type { ByClass } from '../core/events.js';
import { byClassTables } from './by-class.js';
import { percent, short } from './format.js';
import type { Series } from './plot.js';
import type { EpochLine, RunLog } from './run-log.js';
import { type Cell, table } from './table.js';

export interface Compared {
  readonly name: string;
  readonly epochs: number;
  /** 'done', 'early-stopping', 'aborted', or 'unfinished' where the log just ends. */
  readonly ended: string;
  /** Of the last epoch that was measured. Shares are in [0, 1]. */
  readonly test?: number;
  readonly testLoss?: number;
  readonly train?: number;
  readonly trainLoss?: number;
  readonly gap?: number;
  /** Share of test images whose class is among the five likeliest; of more than five classes. */
  readonly top5?: number;
  readonly ece?: number;
  /** On the test images of the same epoch. */
  readonly byClass?: ByClass;
  readonly norm?: number;
  readonly zeros?: number;
  readonly effectiveLearningRate?: number;
  /** The best test accuracy, and its epoch from 1. */
  readonly best?: { readonly test: number; readonly epoch: number };
  /** Of a generative model that a judge looked at. */
  readonly made?: Made;
  /** Mean over the epochs in which it was measured. */
  readonly imagesPerSecond?: number;
  readonly seconds?: number;
}

/** The judge's last metrics of generated images, and the lowest KID. Shares are in [0, 1]. */
export interface Made {
  readonly kid: number;
  readonly fid?: number;
  readonly precision?: number;
  readonly recall?: number;
  readonly diversity?: number;
  readonly recognized?: number;
  readonly memorized?: number;
  readonly best: { readonly kid: number; readonly epoch: number };
}

export function compared({ name, epochs, byClass, done }: RunLog): Compared {
  const last = epochs[epochs.length - 1];
  const measured = epochs.findLast(({ validation }) => validation !== undefined) ?? last;
  const seen = measured.clean ?? measured.train;
  const { weights } = last;
  return {
    name,
    epochs: epochs.length,
    ended: done ? (done.stopped ?? 'done') : 'unfinished',
    test: measured.validation?.accuracy,
    testLoss: measured.validation?.loss,
    train: seen?.accuracy,
    trainLoss: seen?.loss,
    gap: measured.gap,
    top5: measured.validation?.top5,
    ece: measured.validation?.ece,
    byClass: byClass?.get(measured.epoch),
    norm: weights?.norm,
    zeros: weights?.zeros,
    effectiveLearningRate: weights?.effectiveLearningRate,
    best: bestOf(epochs),
    made: madeOf(epochs),
    imagesPerSecond: mean(epochs.flatMap(({ imagesPerSecond }) => imagesPerSecond ?? [])),
    seconds: done?.seconds,
  };
}

function bestOf(epochs: readonly EpochLine[]): Compared['best'] {
  return epochs.reduce<Compared['best']>((best, { epoch, validation }) => {
    const test = validation?.accuracy;
    if (test === undefined || !isBetter(test, best?.test, 'max')) return best;
    return { test, epoch: epoch + 1 };
  }, undefined);
}

function madeOf(epochs: readonly EpochLine[]): Made | undefined {
  const judged = epochs.flatMap(({ epoch, validation }) => {
    const kid = validation?.kid;
    return kid === undefined ? [] : [{ kid, epoch: epoch + 1, metrics: validation ?? {} }];
  });
  const last = judged[judged.length - 1];
  if (!last) return undefined;
  const { kid, epoch } = judged.reduce((best, one) => (isBetter(one.kid, best.kid, 'min') ? one : best));
  const also = (name: Exclude<keyof Made, 'kid' | 'best'>) => last.metrics[name];
  return {
    kid: last.kid,
    fid: also('fid'),
    precision: also('precision'),
    recall: also('recall'),
    diversity: also('diversity'),
    recognized: also('recognized'),
    memorized: also('memorized'),
    best: { kid, epoch },
  };
}

const mean = (values: readonly number[]) =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;

/** Of options that are not the same in all runs: the value in each, by the option's name. */
export function differing(runs: readonly RunLog[]): Record<string, unknown[]> {
  const names = new Set(runs.flatMap(({ options }) => Object.keys(options)));
  const all = [...names].map((name) => [name, runs.map(({ options }) => options[name])] as const);
  return Object.fromEntries(
    all.filter(([, values]) => new Set(values.map((value) => JSON.stringify(value))).size > 1),
  );
}

const share = (value: number | undefined) => (value === undefined ? undefined : percent(value));
const figure = (value: number | undefined) => (value === undefined ? undefined : short(value));

const COLUMNS: readonly (readonly [head: string, cell: (run: Compared) => Cell])[] = [
  ['', ({ name }) => name],
  ['epochs', ({ ended, epochs }) => (ended === 'done' ? String(epochs) : `${epochs} (${ended})`)],
  ['test', ({ test }) => share(test)],
  ['best', ({ best }) => best && `${percent(best.test)} at ${best.epoch}`],
  ['top-5', ({ top5 }) => share(top5)],
  ['train', ({ train }) => share(train)],
  ['gap', ({ gap }) => share(gap)],
  ['ECE', ({ ece }) => share(ece)],
  ['test loss', ({ testLoss }) => figure(testLoss)],
  ['KID', ({ made }) => figure(made?.kid)],
  ['lowest KID', ({ made }) => made && `${short(made.best.kid)} at ${made.best.epoch}`],
  ['FID', ({ made }) => figure(made?.fid)],
  ['precision', ({ made }) => figure(made?.precision)],
  ['recall', ({ made }) => figure(made?.recall)],
  ['diversity', ({ made }) => figure(made?.diversity)],
  ['recognized', ({ made }) => share(made?.recognized)],
  ['memorized', ({ made }) => share(made?.memorized)],
  ['norm', ({ norm }) => figure(norm)],
  ['zeros', ({ zeros }) => share(zeros)],
  ['lr/norm²', ({ effectiveLearningRate }) => figure(effectiveLearningRate)],
  [
    'images/s',
    ({ imagesPerSecond }) => (imagesPerSecond === undefined ? undefined : Math.round(imagesPerSecond)),
  ],
];

/** Tables: figures, each column that at least one run can fill; the options that differ; and the runs class by class. */
export function comparison(runs: readonly RunLog[]): string {
  const all = runs.map(compared);
  const filled = COLUMNS.filter(([, cell]) => all.some((run) => cell(run) !== undefined));
  const figures = table(
    filled.map(([head]) => head),
    all.map((run) => filled.map(([, cell]) => cell(run))),
  );
  const differ = Object.entries(differing(runs));
  const classes = byClassTables(all);
  const parts = [figures];
  const options = runs.map(({ name }, i): Cell[] => [name, ...differ.map(([, values]) => shown(values[i]))]);
  if (differ.length > 0) parts.push(table(['options that differ', ...differ.map(([name]) => name)], options));
  if (classes !== '') parts.push(classes);
  return parts.join('\n\n');
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

/** A metric over epochs, of the test images and of the training images, of each run in which it is ever a number. */
export function curvesOf(
  runs: readonly RunLog[],
  metric: string,
): (Series & { run: number; set: 'test' | 'train' })[] {
  return runs.flatMap(({ name, epochs }, run) =>
    (['test', 'train'] as const).flatMap((set) => {
      const points = epochs.flatMap(({ epoch, clean, train, validation }) => {
        const value = (set === 'test' ? validation : (clean ?? train))?.[metric];
        return typeof value === 'number' ? [[epoch + 1, value] as const] : [];
      });
      const drawn = points.some(([, value]) => Number.isFinite(value));
      return drawn ? [{ name: `${name} ${set}`, points, run, set }] : [];
    }),
  );
}
