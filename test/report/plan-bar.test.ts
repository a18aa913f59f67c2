import { expect, test } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import { PlanBar } from '../../src/report/plan-bar.js';

const PLAN = [
  { run: 'bare', seconds: 40 },
  { run: 'regularized', seconds: 60 },
];
const step = (run: string, progress: number) =>
  ({
    kind: 'step',
    run,
    step: 1,
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

function barTo(isTTY: boolean) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const sink = { isTTY, columns: 200, write: (text: string) => lines.push(text) };
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
