/** Runs class by class: the weakest classes first, what is taken for what, and top-5 by rank. */
import { describe, expect, it } from 'vitest';
import type { ByClass } from '../../src/core/events.js';
import { byClassTables, confusionTable, mistakesOf } from '../../src/report/by-class.js';
import { report } from '../../src/report/index.js';

const byClass: ByClass = {
  classes: ['ant', 'bee', 'cat'],
  samples: [10, 4, 0],
  accuracy: [0.9, 0.25, null],
  confusion: [
    [9, 0, 1],
    [3, 1, 0],
    [0, 0, 0],
  ],
};

describe('byClassTables', () => {
  it('lists the least recognized class first, a column a run, and the commonest mistakes', () => {
    const other: ByClass = { classes: ['bee', 'ant'], samples: [4, 10], accuracy: [0.75, 1] };
    expect(
      byClassTables([{ name: 'a', byClass }, { name: 'b', byClass: other }, { name: 'c' }]).split('\n'),
    ).toEqual([
      'test accuracy by class       a        b',
      '──────────────────────  ──────  ───────',
      'bee                     25.0 %   75.0 %',
      'ant                     90.0 %  100.0 %',
      'cat                          –        –',
      '',
      'a: takes bee for ant 3 of 4, ant for cat 1 of 10',
    ]);
    expect(byClassTables([{ name: 'c' }])).toBe('');
  });

  it('says how many classes it does not list', () => {
    const classes = Array.from({ length: 30 }, (_, i) => `c${i}`);
    const many: ByClass = { classes, samples: classes.map(() => 1), accuracy: classes.map((_, i) => i / 30) };
    const text = byClassTables([{ name: 'a', byClass: many }]);
    expect(text).toContain('10 classes with a higher accuracy are not listed; --json has all');
    expect(text).toContain('c19 ');
    expect(text).not.toContain('c20 ');
  });
});

describe('mistakesOf', () => {
  it('gives the commonest mistakes first, and none without a matrix', () => {
    expect(mistakesOf(byClass)).toEqual([
      { of: 'bee', as: 'ant', count: 3, samples: 4 },
      { of: 'ant', as: 'cat', count: 1, samples: 10 },
    ]);
    const { confusion: _, ...without } = byClass;
    expect(mistakesOf(without)).toEqual([]);
  });
});

describe('confusionTable', () => {
  it('has a row for each class and a column for what it is taken for', () => {
    const lines = confusionTable({ name: 'a', byClass }).split('\n');
    expect(lines[0]).toMatch(/^a: taken for → +ant +bee +cat$/);
    expect(lines[3]).toMatch(/^bee +3 +1 +·$/);
    const { confusion: _, ...without } = byClass;
    expect(confusionTable({ name: 'a', byClass: without })).toBe(
      'a: has no confusion matrix; it is kept for up to 100 classes',
    );
  });

  it('says of a run that measured nothing why it has no matrix', () => {
    expect(confusionTable({ name: 'a' })).toBe(
      'a: has no confusion matrix; a run has one when train() is given a validation stream',
    );
  });
});

describe('report', () => {
  it('ends with the classes that are recognized least, of the epoch whose weights are kept', () => {
    const written: string[] = [];
    const observer = report({ sink: { write: (text: string) => written.push(text) } });
    const worse = { ...byClass, accuracy: [0.5, 0.1, 0.2] };
    const evaluation = { kind: 'evaluation', set: 'validation', step: 1, samples: 3, metrics: {} } as const;
    observer.next({ ...evaluation, epoch: 0, byClass: { ...byClass, accuracy: [0.9, 0.25, 0.75] } });
    observer.next({ ...evaluation, epoch: 1, byClass: worse });
    observer.next({ ...evaluation, epoch: 1, set: 'train', byClass });
    const done = { kind: 'done', step: 2, epochs: 2, seconds: 1, imagesPerSecond: 1 } as const;
    observer.next(done);
    expect(written.at(-1)).toBe('least recognized: bee 10.0 %, cat 20.0 %, ant 50.0 %\n');
    observer.next({ ...done, best: { epoch: 0, metric: 'loss', value: 1, restored: true } });
    expect(written.at(-1)).toBe('least recognized: bee 25.0 %, cat 75.0 %, ant 90.0 %\n');
  });
});
