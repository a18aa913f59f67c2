import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  figuresOf,
  formatPercent,
  markdownTable,
  meanAndStd,
  pairedDifference,
  runStore,
} from '../../src/report/index.js';

const dir = mkdtempSync(join(tmpdir(), 'rxaug-book-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('meanAndStd', () => {
  it('is the mean and the sample standard deviation', () => {
    expect(meanAndStd([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ count: 8, mean: 5, deviation: Math.sqrt(32 / 7) });
    expect(meanAndStd([3])).toEqual({ count: 1, mean: 3 });
    expect(meanAndStd([])).toBeUndefined();
  });

  it('pairedDifference uses the seeds that both have', () => {
    const before = new Map([
      [0, 0.5],
      [1, 0.7],
      [2, 0.1],
    ]);
    const after = new Map([
      [0, 0.75],
      [1, 0.7],
      [3, 0.9],
    ]);
    expect(pairedDifference(before, after)).toEqual({
      count: 2,
      mean: 0.125,
      deviation: Math.sqrt(2 * 0.125 ** 2),
    });
  });
});

describe('figures of a training', () => {
  const start = {
    kind: 'start',
    model: 'mlp',
    parameters: 7,
    backend: 'wasm',
    seed: 0,
    classes: [],
    options: {},
  } as const;
  const done = { kind: 'done', step: 4, epochs: 2, seconds: 1, imagesPerSecond: 8 } as const;

  it('are those of its end', () => {
    const validation = { loss: 2, accuracy: 0.5, ece: 0.25 };
    const clean = { loss: 1, accuracy: 0.75 };
    expect(figuresOf('bare-0', [start, { ...done, validation, clean }])).toMatchObject({
      testAccuracy: 0.5,
      testLoss: 2,
      testEce: 0.25,
      trainAccuracy: 0.75,
      trainLoss: 1,
      gap: 0.25,
      steps: 4,
      parameters: 7,
      backend: 'wasm',
    });
  });

  it('are refused for a training without evaluation or end', () => {
    expect(() => figuresOf('bare-0', [start, done])).toThrow(
      /^bare-0: ended without being measured; give validation/,
    );
    expect(() => figuresOf('bare-0', [start])).toThrow(/^bare-0: /);
  });
});

describe('formatPercent', () => {
  it('prints shares in hundredths, gains with a sign, and nothing for undefined', () => {
    expect(formatPercent({ mean: 0.5671, deviation: 0.0084 })).toBe('56.7 ± 0.8');
    expect(formatPercent({ mean: 0.02 }, '+')).toBe('+2.0');
    expect(formatPercent({ mean: -0.02, deviation: 0 }, '+')).toBe('-2.0 ± 0.0');
    expect(formatPercent(undefined)).toBeUndefined();
  });
});

describe('markdownTable', () => {
  it('has a head, a line and rows, and no cell that ends another', () => {
    expect(
      markdownTable(
        ['', 'a|b'],
        [
          ['x', 1],
          ['y', undefined],
        ],
      ),
    ).toBe('|  | a\\|b |\n|---|---|\n| x | 1 |\n| y | – |');
  });
});

describe('runStore', () => {
  const recipe = { epochs: 3, cutout: undefined };

  it('keeps what is finished and lets go of its checkpoints', () => {
    const book = runStore(join(dir, 'one'));
    expect(book.finished('bare-0', recipe)).toBeUndefined();
    const folder = book.begin('bare-0', recipe);
    writeFileSync(join(folder, 'last.ckpt'), 'weights');
    expect(book.begin('bare-0', recipe)).toBe(folder);
    expect(readFileSync(join(folder, 'last.ckpt'), 'utf8')).toBe('weights');
    book.finish('bare-0', recipe, { accuracy: 0.5 });
    expect(readdirSync(join(dir, 'one'))).toEqual(['bare-0.json']);
    expect(runStore(join(dir, 'one')).finished('bare-0', { epochs: 3 })).toEqual({ accuracy: 0.5 });
  });

  it('refuses runs of another recipe, finished or not, and names the setting', () => {
    const book = runStore(join(dir, 'two'));
    book.begin('half-0', recipe);
    book.finish('whole-0', recipe, {});
    const sentence = (name: string) =>
      `${join(dir, 'two', name)}: belongs to a run with epochs 3, not 4; use the same settings, or another folder`;
    expect(() => book.begin('half-0', { epochs: 4 })).toThrow(sentence('half-0/recipe.json'));
    expect(() => book.finished('whole-0', { epochs: 4 })).toThrow(sentence('whole-0.json'));
    expect(() => book.finished('whole-0', { epochs: 3, mixup: 1 })).toThrow('with mixup undefined, not 1');
  });

  it('row 13: keeps figures that are NaN or infinite: null would count as 0', () => {
    const book = runStore(join(dir, 'four'));
    const result = { accuracy: Number.NaN, losses: [1, Number.POSITIVE_INFINITY], none: null };
    book.finish('bare-0', recipe, result);
    expect(book.finished('bare-0', recipe)).toEqual(result);
  });

  it('row 14: notices any change of a digit or a letter of a finished run', () => {
    const book = runStore(join(dir, 'five'));
    book.finish('bare-0', recipe, { accuracy: 0.512, backend: 'cpu' });
    const file = join(dir, 'five', 'bare-0.json');
    const whole = readFileSync(file, 'utf8');
    let changes = 0;
    for (const [at, sign] of [...whole].entries()) {
      if (!/[0-9a-z]/.test(sign)) continue;
      writeFileSync(
        file,
        `${whole.slice(0, at)}${sign === '7' || sign === 'k' ? 'a' : /\d/.test(sign) ? '7' : 'k'}${whole.slice(at + 1)}`,
      );
      expect(() => book.finished('bare-0', recipe)).toThrow(
        /bare-0\.json: (was changed|is not a run|cannot be read|is of a run)/,
      );
      changes++;
    }
    expect(changes).toBeGreaterThan(80);
    // Kept before there were checksums.
    writeFileSync(file, JSON.stringify({ recipe, result: { accuracy: 0.5 } }));
    expect(book.finished('bare-0', recipe)).toEqual({ accuracy: 0.5 });
  });

  it.each([
    ['{"recipe":', 'cannot be read as a run'],
    ['{}', 'is not a run of an experiment'],
    ['null', 'is not a run of an experiment'],
  ])('refuses %s with its fault', (text, sentence) => {
    const book = runStore(join(dir, 'three'));
    book.write('odd-0.json', text);
    expect(() => book.finished('odd-0', recipe)).toThrow(sentence);
  });
});
