/** The report for a terminal. */
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../src/search/report/summary.js';
import { textReport } from '../../../src/search/report/text.js';
import type { SearchResult } from '../../../src/search/result.js';
import { arm, found, policy, result, search, space } from './made.js';

const textOf = (more: Partial<SearchResult> = {}, policy?: string) =>
  textReport(findingsOf(result(more), { space, policy }));
const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length));

describe('textReport', () => {
  it('begins with the conclusion, and has tables of arms, ops and searches', () => {
    const text = textOf();
    expect(text).toMatch(/^Use it: \+2\.5 points over TrivialAugment, the best of 2 controls/);
    const rows = text.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(['found', '62.2 %', '0.8', '6', '–', '–', '–']);
    expect(rows.find(([name]) => name === 'TrivialAugment')?.slice(1)).toEqual([
      ...['59.7 %', '0.6', '3', '+2.5', '+2.3 to +2.6', '3'],
    ]);
    expect(rows.find(([name]) => name === 'rotate')).toEqual([
      ...['rotate', '36.3 %', '3.1 ± 11.4', '−10 to 30 degrees', '0.11', '+0.02'],
    ]);
    expect(rows.find(([name]) => name === 'equalize')).toEqual(['equalize', '0.0 %', '–', '–', '0.00', '–']);
    expect(text).toContain('strength, by search');
    expect(text).toContain('effective ops (the exponential of the entropy), by search');
    expect(text).toContain(
      'Cost: 40 min 0 s of a budget of 1 h 0 min; 2 searches of 3 min 0 s together, 12 trainings of 12 min\n0 s together.',
    );
    expect(text).toContain('Notes:\n  - 3 images were left out: they cannot be read.');
    expect(textOf({}, 'runs/policy.json')).toMatch(/\n\nPolicy: runs\/policy\.json$/);
  });

  it('shows what an op is worth beside the policy that applies it, and else by itself', () => {
    const rare = { ...policy.subPolicies[0], weight: 1 };
    const own = {
      subPolicies: [rare, { weight: 0.003, stages: [[{ op: 'equalize', weight: 1, p: 0.1 }]] }],
    };
    const worth = [
      { op: 'hflip', worth: 0.1 },
      { op: 'equalize', worth: -0.1 },
    ];
    const text = textOf({ worth, searches: [search(), search({ policy: own })] });
    const rows = text.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows.find(([name]) => name === 'equalize')).toEqual(['equalize', '0.0 %', '–', '–', '0.00', '–']);
    expect(rows.find(([name]) => name === 'hflip')?.at(-1)).toBe('+0.1');
    expect(text).toContain(
      'Worth of ops that this policy does not apply, but that of another search: equalize −0.1.',
    );
    const other = textOf({ worth, searches: [search({ policy: own })] });
    expect(other.split('\n').find((line) => line.startsWith('equalize'))).toMatch(/ < 0\.1 % .* −0\.1$/);
    expect(other).not.toContain('another search');
  });

  it('fits 100 columns and keeps to its lines, whatever names are like', () => {
    const hostile = `\u001b[2J\n${'long name '.repeat(30)}`;
    const text = textOf({
      arms: [found([0.6, 0.61], [0.62, 0.6]), arm(hostile, 0.6, 0.59), arm('x'.repeat(300), 0.5, 0.4)],
      notes: ['w'.repeat(350), hostile],
      searches: Array.from({ length: 12 }, (_, i) => search({ seed: 2 ** 53 - 1 - i, moved: 1e-9 })),
      seconds: 1e6,
    });
    expect(widest(text)).toBeLessThanOrEqual(100);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('w'.repeat(96));
    expect(text.match(/w/g)?.length).toBeGreaterThanOrEqual(350);
  });

  it('tells a search that was interrupted before anything was trained', () => {
    const text = textOf({ arms: [], searches: [], worth: [], notes: [] });
    expect(text).toMatch(/^Not enough to say: the found policy has no training with an accuracy/);
    expect(text).not.toMatch(/NaN|undefined|null/);
    expect(text).not.toContain('by search');
  });

  it('draws no figure of one pair as an interval, and none of NaN', () => {
    const text = textOf({
      arms: [found([Number.NaN, 0.6]), arm('nothing', 0.5, 0.55), arm('uniform')],
      searches: [
        search({ trace: [{ progress: 0, strength: Number.NaN, effectiveOps: Number.NaN, values: {} }] }),
      ],
    });
    expect(text).toMatch(/nothing +52\.5 % +3\.5 +2 +\+5\.0 +– +1/);
    expect(text).toMatch(/uniform +– +– +0 +– +– +0/);
    expect(text).not.toMatch(/NaN|undefined|null/);
  });
});
