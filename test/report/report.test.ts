import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { concat, from, of, tap, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EpochEvent, StartEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import { compared, comparison } from '../../src/report/compare.js';
import { duration, grouped, percent, short } from '../../src/report/format.js';
import { curves, jsonl, plot, report, table } from '../../src/report/index.js';

const start: StartEvent = {
  kind: 'start',
  model: 'resnet-8',
  parameters: 78042,
  backend: 'cpu',
  seed: 1,
  epochs: 2,
};
const step = (n: number, more: Partial<StepEvent> = {}): StepEvent => ({
  kind: 'step',
  step: n,
  epoch: 0,
  batch: n - 1,
  size: 50,
  metrics: { loss: 2 / n, accuracy: n / 10 },
  learningRate: 0.1,
  progress: n / 10,
  stepMs: 90,
  waitMs: 10,
  ...more,
});
const epoch = (n: number, more: Partial<EpochEvent> = {}): EpochEvent => ({
  kind: 'epoch',
  epoch: n,
  step: 4 * (n + 1),
  samples: 200,
  train: { loss: 1 / (n + 1), accuracy: 0.5 + n / 10 },
  validation: { loss: 2 / (n + 1), accuracy: 0.4 + n / 20 },
  gap: 0.1 + n / 20,
  learningRate: 0.1,
  seconds: 75,
  imagesPerSecond: 412.3,
  ...more,
});
const events: TrainEvent[] = [
  start,
  step(1),
  step(2),
  epoch(0),
  epoch(1),
  {
    kind: 'stopped',
    reason: 'early-stopping',
    step: 8,
    epoch: 1,
    message: 'validation loss has not improved',
  },
  {
    kind: 'done',
    step: 8,
    epochs: 2,
    seconds: 151,
    imagesPerSecond: 400,
    validation: { loss: 1, accuracy: 0.45 },
    gap: 0.15,
  },
];

test('report ends the line of an epoch with the number of samples that were left out', () => {
  const written: string[] = [];
  const observer = report({ sink: { write: (text: string) => written.push(text) } });
  observer.next(epoch(0));
  observer.next(epoch(1, { leftOut: { count: 3, first: { id: 'x', reason: 'x: empty' } } }));
  expect(written[0]).toMatch(/ images\/s\n$/);
  expect(written[1]).toMatch(/ images\/s {2}3 left out\n$/);
});

test('report says nothing of the speed of an epoch whose steps were all made before', () => {
  const written: string[] = [];
  const observer = report({ sink: { write: (text: string) => written.push(text) } });
  observer.next(epoch(0));
  observer.next(epoch(0, { imagesPerSecond: undefined }));
  expect(written[0].replace('  412 images/s', '')).toBe(written[1]);
  expect(written[1]).not.toContain('images/s');
});

test('the speed of a comparison is the mean over the epochs that have one', () => {
  const line = (n: number, imagesPerSecond?: number) => ({
    ...({ kind: 'epoch', epoch: n, train: { loss: 1 }, imagesPerSecond } as const),
  });
  const run = { name: 'a', options: {}, epochs: [line(0, 100), line(1), line(2, 300)] };
  expect(compared(run).imagesPerSecond).toBe(200);
  expect(comparison([run])).toContain('images/s');
  expect(comparison([{ ...run, epochs: [line(0)] }])).not.toContain('images/s');
});

test('the last line of a resumed training says how many steps were of this run', () => {
  const written: string[] = [];
  const observer = report({ sink: { write: (text: string) => written.push(text) } });
  const resumed = { path: 'last.ckpt', step: 20, epoch: 1, batch: 0, sample: 0 };
  observer.next({ ...start, resumed });
  observer.next({ kind: 'done', step: 30, epochs: 2, seconds: 7, imagesPerSecond: 1 });
  expect(written.at(-1)).toBe('done: 30 steps, 10 of them now, in 7.0 s\n');
});

test('report says how many samples an evaluation left out, with the first reason', () => {
  const written: string[] = [];
  const observer = report({ sink: { write: (text: string) => written.push(text) } });
  const evaluation = {
    kind: 'evaluation',
    set: 'validation',
    epoch: 0,
    step: 4,
    samples: 9,
    metrics: {},
  } as const;
  observer.next(evaluation);
  expect(written).toEqual([]);
  const bad = ['x', 'y'].map((id) => ({ id, reason: `${id}: empty` }));
  observer.next({ ...evaluation, bad });
  observer.next({ ...evaluation, set: 'train', bad: bad.slice(1) });
  expect(written).toEqual([
    'evaluation on test: 2 left out (x: empty)\n',
    'evaluation on train: 1 left out (y: empty)\n',
  ]);
});

describe('numbers as people read them', () => {
  test.each([
    [percent(0.83124), '83.1 %'],
    [percent(1, 0), '100 %'],
    [short(1.23456), '1.235'],
    [short(0.00012), '0.00012'],
    [short(Number.NaN), 'NaN'],
    [duration(0.25), '0.3 s'],
    [duration(59.6), '1 min 0 s'],
    [duration(75), '1 min 15 s'],
    [duration(7300), '2 h 1 min'],
    [grouped(1234567), '1,234,567'],
  ])('%s', (actual, expected) => expect(actual).toBe(expected));
});

describe('table', () => {
  test('numbers are flush right, with units and gaps too; words flush left', () => {
    const text = table(
      ['run', 'train', 'test', 'n'],
      [
        ['bare', '100.0 %', '61.2 %', 5],
        ['régularisé', '88.1 %', undefined, 1200],
      ],
    );
    expect(text.split('\n')).toEqual([
      'run           train    test     n',
      '──────────  ───────  ──────  ────',
      'bare        100.0 %  61.2 %     5',
      'régularisé   88.1 %       –  1200',
    ]);
  });
});

describe('plot', () => {
  test('draws a rising line from corner to corner', () => {
    const text = plot(
      [
        {
          name: 'up',
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
      { width: 8, height: 4, xLabel: 'x', title: 'T' },
    );
    expect(text.split('\n')).toEqual([
      '   T',
      '1 ┤      ••',
      '  │    ••',
      '  │  ••',
      '0 ┤••',
      '  └────────',
      '   0  x   1',
      '   • up',
    ]);
  });

  test('each series has its mark; what is not finite leaves a gap; bounds can be given', () => {
    const text = plot(
      [
        {
          name: 'a',
          points: [
            [1, 0.2],
            [2, Number.NaN],
            [3, 0.2],
          ],
        },
        {
          name: 'b',
          points: [
            [1, 0.8],
            [3, 0.8],
          ],
        },
      ],
      { width: 5, height: 3, min: 0, max: 1 },
    );
    const lines = text.split('\n');
    expect(lines[0]).toBe('1 ┤×××××');
    expect(lines[2]).toBe('0 ┤•   •');
    expect(lines.at(-1)).toContain('• a  × b');
  });

  test('one point, a flat line and empty series are drawn', () => {
    expect(plot([{ name: 'a', points: [[1, 5]] }], { width: 5, height: 3 })).toContain('•');
    expect(
      plot(
        [
          {
            name: 'a',
            points: [
              [1, 0],
              [2, 0],
            ],
          },
        ],
        { width: 5, height: 3 },
      ).split('\n')[1],
    ).toMatch(/•••••/);
    expect(plot([{ name: 'a', points: [] }], { title: 'T' })).toBe('T\n(nothing to draw yet)');
  });

  test('curves of events: clean accuracy in place of the one of training steps', () => {
    const seen = curves([start, epoch(0), epoch(1, { clean: { loss: 1, accuracy: 0.9 } })], {
      label: 'bare',
    });
    expect(seen).toEqual([
      {
        name: 'bare train',
        points: [
          [1, 0.5],
          [2, 0.9],
        ],
      },
      {
        name: 'bare test',
        points: [
          [1, 0.4],
          [2, 0.45],
        ],
      },
    ]);
    expect(curves([epoch(0, { validation: undefined })]).map(({ name }) => name)).toEqual(['train']);
    expect(curves(events, { metric: 'loss' })[1].points).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });
});

describe('report', () => {
  const written = (
    options: { isTTY: boolean; columns?: number; every?: number; label?: string },
    list = events,
  ) => {
    const out: string[] = [];
    let time = 0;
    const observer = report({
      sink: { write: (text: string) => out.push(text), ...options },
      label: options.label,
      every: options.every,
      now: () => (time += 1000),
    });
    from(list).subscribe(observer);
    return out;
  };

  test('prints plain lines without a terminal', () => {
    expect(written({ isTTY: false, every: 1.5 })).toEqual([
      'resnet-8, 78,042 parameters, on cpu, seed 1\n',
      'epoch 1/2  step 2  20 %  loss 1 accuracy 20.0 %  lr 0.1  500 images/s  waits 10 %\n',
      'epoch 1/2  train loss 1 accuracy 50.0 %  test loss 2 accuracy 40.0 %  gap 10.0 %  1 min 15 s  412 images/s\n',
      'epoch 2/2  train loss 0.5 accuracy 60.0 %  test loss 1 accuracy 45.0 %  gap 15.0 %  1 min 15 s  412 images/s\n',
      'stopped: validation loss has not improved\n',
      'done: 8 steps in 2 min 31 s, test loss 1 accuracy 45.0 %, gap 15.0 %\n',
    ]);
  });

  test('row 6: a notice is a line that stays', () => {
    const notice: TrainEvent = { kind: 'notice', step: 8, epoch: 1, message: 'a: training continues with b' };
    for (const isTTY of [true, false]) {
      expect(written({ isTTY }, [notice])).toEqual(['a: training continues with b\n']);
    }
  });

  test('steps are printed at most once per interval', () => {
    const many = Array.from({ length: 100 }, (_, i) => step(i + 1));
    expect(written({ isTTY: false, every: 10 }, many).length).toBe(10);
    expect(written({ isTTY: false, every: 0 }, many).length).toBe(100);
  });

  test('on a terminal steps overwrite each other and never wrap', () => {
    const out = written({ isTTY: true, columns: 30, label: 'bare' });
    const steps = out.filter((text) => text.startsWith('\r\u001b[2Kbare: epoch 1/2  step'));
    expect(steps.length).toBe(2);
    for (const text of steps) expect(text.replace('\r\u001b[2K', '').length).toBeLessThanOrEqual(29);
    expect(out[3]).toMatch(/^\r.\[2Kbare: epoch 1\/2 {2}train .*\n$/);
  });

  test('an error is printed as its message', () => {
    const out: string[] = [];
    const sink = { write: (text: string) => out.push(text) };
    throwError(() => new Error('train: the loss is NaN at step 3')).subscribe(report({ sink }));
    expect(out).toEqual(['train: the loss is NaN at step 3\n']);
  });
});

describe('jsonl', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'rxaug-jsonl-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const lines = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const now = () => new Date(0);

  test('one event a line, from which the events come back', () => {
    const file = path.join(dir, 'deep', 'run.jsonl');
    from(events)
      .pipe(tap(jsonl(file, { now })))
      .subscribe();
    expect(lines(file)).toEqual(events.map((event) => ({ time: '1970-01-01T00:00:00.000Z', ...event })));
    expect(curves(lines(file))).toEqual(curves(events));
  });

  test('a new run begins anew, a resumed one goes on', () => {
    const file = path.join(dir, 'run.jsonl');
    writeFileSync(file, '{"kind":"old"}\n');
    of(start, step(1)).subscribe(jsonl(file, { now }));
    const resumed: StartEvent = {
      ...start,
      resumed: { path: 'last.ckpt', step: 1, epoch: 0, batch: 1, sample: 8 },
    };
    of(resumed, step(2)).subscribe(jsonl(file, { now }));
    expect(lines(file).map(({ kind, step: n }) => [kind, n])).toEqual([
      ['start', undefined],
      ['step', 1],
      ['start', undefined],
      ['step', 2],
    ]);
  });

  test('is whole after every event, and ends with the error if there is one', () => {
    const file = path.join(dir, 'run.jsonl');
    const counts: number[] = [];
    concat(
      from(events.slice(0, 3)),
      throwError(() => new Error('out of cheese')),
    )
      .pipe(tap(jsonl(file, { now })))
      .subscribe({ next: () => counts.push(lines(file).length), error: () => {} });
    expect(counts).toEqual([1, 2, 3]);
    expect(lines(file).at(-1)).toMatchObject({ kind: 'error', message: 'out of cheese' });
  });

  test('a place that cannot be written gets one sentence', () => {
    const observer = jsonl(path.join(dir, '.'), { now });
    expect(() => observer.next(start)).toThrow(
      /^log .*: cannot be written \(it is a folder, EISDIR\); choose another path$/,
    );
  });
});
