import { expect, test } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import { UsageError } from '../../src/core/index.js';
import { PlanBar } from '../../src/report/plan-bar.js';

const PLAN = [
  { run: 'bare', seconds: 40 },
  { run: 'regularized', seconds: 60 },
];
const step = (run: string, progress: number, number = 1) =>
  ({
    kind: 'step',
    run,
    step: number,
    epoch: 0,
    batch: 0,
    size: 8,
    metrics: {},
    learningRate: 0.1,
    progress,
    stepMs: 1,
    waitMs: 0,
  }) as const;
const start = {
  kind: 'start',
  model: 'cnn',
  parameters: 1,
  backend: 'cpu',
  backendWhy: 'as asked for',
  seed: 0,
} as const;
const done = {
  kind: 'done',
  step: 30,
  epochs: 3,
  validation: { accuracy: 0.523 },
  seconds: 20,
  imagesPerSecond: 1,
} as const;

function barTo(isTTY: boolean, columns = 200) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const sink = { isTTY, columns, write: (text: string) => lines.push(text) };
  const bar = new PlanBar(PLAN, { sink, now: () => clock.ms });
  const tell = (seconds: number, event: object) => {
    clock.ms = 1000 * seconds;
    bar.next(event as TrainEvent);
    return lines.splice(0);
  };
  return { bar, tell, lines };
}

test('elsewhere than on a terminal: a line for the backend, one for each training, one in 30 seconds', () => {
  const { tell } = barTo(false);
  expect(tell(0, { ...start, run: 'bare' })).toEqual(['on cpu: as asked for\n']);
  expect(tell(5, step('bare', 0.25))).toEqual([]);
  // 20 of the 100 planned seconds are done after 30: the rest takes 80 × (30 + 15) / (20 + 15).
  expect(tell(30, step('bare', 0.5))).toEqual([' 20 %  1 of 2: bare, 1 min 43 s left\n']);
  expect(tell(31, { kind: 'epoch', run: 'bare', epoch: 0, step: 1, train: {} })).toEqual([]);
  expect(tell(59, step('bare', 1))).toEqual([]);
  expect(tell(60, { ...done, run: 'bare' })).toEqual(['bare: test accuracy 52.3 %, 30 steps in 20 s\n']);
  expect(tell(60, { ...start, run: 'regularized' })).toEqual([]);
  const tested = { kind: 'evaluation', set: 'validation', run: 'regularized', metrics: { accuracy: 0.6 } };
  expect(tell(61, tested)).toEqual([]);
  expect(tell(90, step('regularized', 0.5))).toEqual([
    ' 70 %  2 of 2: regularized, test 60.0 %, 37 s left\n',
  ]);
});

test('on a terminal: one bar that is written over and erased', () => {
  const { bar, tell, lines } = barTo(true);
  tell(0, { ...start, run: 'bare' });
  expect(tell(4, step('bare', 0.1))).toEqual([
    `\r\u001b[2K[=${' '.repeat(23)}]   4 %  1 of 2: bare, 1 min 36 s left`,
  ]);
  expect(tell(4.05, step('bare', 0.11))).toEqual([]);
  expect(tell(40, { ...done, run: 'bare' })).toEqual([
    '\r\u001b[2Kbare: test accuracy 52.3 %, 30 steps in 20 s\n',
  ]);
  tell(70, step('regularized', 0.5));
  bar.complete();
  expect(lines.splice(0)).toEqual(['\r\u001b[2K']);
});

test('notices, what was left out and stops are told; an aborted training has no figures', () => {
  const { tell } = barTo(false);
  expect(tell(0, { kind: 'notice', run: 'bare', message: 'heed this' })).toEqual(['bare: heed this\n']);
  const bad = [
    { id: 'a', reason: 'truncated' },
    { id: 'b', reason: 'empty' },
  ];
  expect(tell(0, { kind: 'evaluation', run: 'bare', set: 'validation', metrics: {}, bad })).toEqual([
    'bare: validation: 2 left out (truncated)\n',
  ]);
  expect(tell(0, { kind: 'stopped', run: 'bare', reason: 'aborted', message: 'saved' })).toEqual(['saved\n']);
  expect(tell(0, { ...done, run: 'bare', stopped: 'aborted' })).toEqual([]);
});

test('on a narrow terminal the bar shrinks, then goes, and the time that is left stays', () => {
  const barOn = (columns: number) => {
    const { tell } = barTo(true, columns);
    tell(0, { ...start, run: 'regularized' });
    tell(1, { kind: 'evaluation', set: 'validation', run: 'regularized', metrics: { accuracy: 0.6 } });
    return tell(70, step('regularized', 0.5)).map((line) => line.replace('\r\u001b[2K', ''));
  };
  const words = ' 70 %  2 of 2: regularized, test 60.0 %, 57 s left';
  expect(barOn(200)).toEqual([`[${'='.repeat(17)}${' '.repeat(7)}] ${words}`]);
  expect(barOn(0)).toEqual(barOn(80));
  // A column at the right stays free: there, terminals begin a new line.
  expect(barOn(80)).toEqual([`[${'='.repeat(17)}${' '.repeat(7)}] ${words}`]);
  expect(barOn(words.length + 1 + 3 + 10)).toEqual([`[=======   ] ${words}`]);
  expect(barOn(words.length + 1)).toEqual([words]);
  expect(barOn(words.length)).toEqual(['[======   ]  70 %  2 of 2: regularized, 57 s left']);
  expect(barOn(24)).toEqual([' 70 %, 57 s left']);
  expect(barOn(5)).toEqual([' 70 ']);
});

test('what was done before this run is not counted as speed', () => {
  const { tell } = barTo(false);
  const resumed = { path: 'last.ckpt', step: 30, epoch: 3, batch: 0, sample: 0 };
  expect(tell(0, { ...start, run: 'bare', resumed })).toEqual([
    'on cpu: as asked for\n',
    'bare: continues from last.ckpt: step 30\n',
  ]);
  // Nothing of it was left to do.
  expect(tell(0, { ...done, run: 'bare', seconds: 0 })).toEqual([
    'bare: test accuracy 52.3 %, 30 steps, 0 of them now, in 0.0 s\n',
  ]);
  tell(0, { ...start, run: 'regularized', resumed });
  tell(1, step('regularized', 0.5, 31));
  // 6 of the planned seconds took 30: the other 24 take 24 × (30 + 15) / (6 + 15).
  expect(tell(30, step('regularized', 0.6, 37))).toEqual([' 76 %  2 of 2: regularized, 51 s left\n']);
});

test('the steps that a training did not need are not counted as speed', () => {
  const { tell } = barTo(false);
  tell(0, { ...start, run: 'bare' });
  tell(4, step('bare', 0.1));
  expect(tell(4, { kind: 'stopped', run: 'bare', reason: 'early-stopping', message: 'no better' })).toEqual([
    'bare: stopped: no better\n',
  ]);
  tell(4, { ...done, run: 'bare', stopped: 'early-stopping' });
  tell(4, { ...start, run: 'regularized' });
  // As fast as was planned.
  expect(tell(34, step('regularized', 0.5))).toEqual([' 70 %  2 of 2: regularized, 30 s left\n']);
  expect(tell(64, step('regularized', 0.99))).toEqual([' 99 %  2 of 2: regularized, 1 s left\n']);
});

test('what epochs left out is told when it changes', () => {
  const { tell } = barTo(false);
  const epoch = (n: number, count: number) => {
    const leftOut = { count, first: { id: 'a', reason: 'truncated' } };
    return tell(n, { kind: 'epoch', run: 'bare', epoch: n, step: n, train: {}, ...(count && { leftOut }) });
  };
  expect(epoch(0, 2)).toEqual(['bare: epoch 1: 2 left out (truncated)\n']);
  expect(epoch(1, 2)).toEqual([]);
  expect(epoch(2, 0)).toEqual([]);
  expect(epoch(3, 2)).toEqual(['bare: epoch 4: 2 left out (truncated)\n']);
});

test('refuses plans that no bar can show', () => {
  expect(() => new PlanBar([{ run: 'bare', seconds: 0 }])).toThrow(
    new UsageError("plan: seconds of 'bare': expected a number above 0 but received 0; estimate them"),
  );
  expect(() => new PlanBar([{ run: 'bare', seconds: Number.NaN }])).toThrow(UsageError);
  expect(() => new PlanBar([...PLAN, ...PLAN])).toThrow(
    "plan: 'bare' is there twice; name each training once",
  );
});
