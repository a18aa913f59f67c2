/** Arms, pairs, the conclusion by its rule, warnings, and the object for programs. */
import { describe, expect, it, test } from 'vitest';
import { armFigures, versus } from '../../../src/search/report/arms.js';
import { findingsOf } from '../../../src/search/report/summary.js';
import { chosenSearch } from '../../../src/search/report/warnings.js';
import { points } from '../../../src/search/report/words.js';
import type { Arm, SearchResult } from '../../../src/search/result.js';
import { arm, found, policy, result, run, search, space } from './made.js';

const summaryOf = (more: Partial<SearchResult> = {}) => findingsOf(result(more), { space }).summary;
const concluded = (...arms: Arm[]) => {
  const { verdict, conclusion, best } = summaryOf({ arms });
  return { verdict, conclusion, best };
};

describe('versus', () => {
  it('takes the mean over searches within a pair first, then the interval over pairs', () => {
    const own = found([0.6, 0.7, 0.66], [0.62, 0.66, 0.7]);
    const control = arm('nothing', 0.6, 0.66, 0.684);
    const { difference, low, high, pairs, unpaired, frozen } = versus(own, control);
    // 0.01, 0.02, −0.004: SciPy's t.interval(0.95, 2, …).
    expect(pairs).toBe(3);
    expect(difference).toBeCloseTo(0.026 / 3, 12);
    expect(low).toBeCloseTo(0.026 / 3 - 4.302652729749462 * 0.006960204, 6);
    expect(high).toBeCloseTo(0.026 / 3 + 4.302652729749462 * 0.006960204, 6);
    expect({ unpaired, frozen }).toEqual({ unpaired: 0, frozen: false });
  });

  it('never makes an interval of one pair, and counts what has no counterpart', () => {
    const control: Arm = { name: 'nothing', runs: [run(1, 0.5), run(5, 0.4)] };
    const against = versus(found([0.6, 0.7]), control);
    expect(against.difference).toBeCloseTo(0.2, 12);
    expect(against).toMatchObject({ pairs: 1, low: undefined, high: undefined, unpaired: 2 });
  });

  it('has no difference where no pair is shared', () => {
    expect(versus(found([0.6]), { name: 'nothing', runs: [] })).toMatchObject({
      ...{ difference: undefined, pairs: 0, unpaired: 1 },
    });
  });

  it('makes no interval of pairs that all differ by exactly the same', () => {
    const against = versus(found([0.61, 0.62, 0.63]), arm('nothing', 0.6, 0.61, 0.62));
    expect(against).toMatchObject({ frozen: true, pairs: 3, low: undefined });
    expect(against.difference).toBeCloseTo(0.01, 12);
  });

  it('makes an interval of nothing of trainings that are equal', () => {
    const against = versus(found([0.61, 0.62]), arm('nothing', 0.61, 0.62));
    expect(against).toMatchObject({ frozen: false, difference: 0, low: 0, high: 0 });
  });

  it('leaves out accuracies that are not numbers', () => {
    const control: Arm = { name: 'nothing', runs: [run(0, Number.NaN), run(1, 0.5), run(2, 0.52)] };
    expect(versus(found([0.6, 0.6, 0.6]), control)).toMatchObject({ pairs: 2, unpaired: 1 });
    expect(armFigures(control)).toMatchObject({ failed: 1, runs: [0.5, 0.52] });
  });
});

it('a training that two searches share is one training, and one of each', () => {
  const runs = [0.6, 0.62, 0.64].flatMap((accuracy, pair) => [
    run(pair, accuracy, { search: 0 }),
    run(pair, accuracy, { search: 1, sharedWith: 0 }),
  ]);
  const shared: Arm = { name: 'found', runs };
  const alone: Arm = { name: 'found', runs: runs.filter(({ search }) => search === 0) };
  const control = arm('nothing', 0.5, 0.53, 0.55);
  expect(armFigures(shared)).toEqual(armFigures(alone));
  const { bySearch, ...rest } = versus(shared, control);
  const { bySearch: own, ...same } = versus(alone, control);
  expect(rest).toEqual(same);
  expect(bySearch).toEqual([...own, ...own]);
});

describe('the conclusion', () => {
  const weak = arm('nothing', 0.5, 0.51, 0.52);

  it('is to use what is above the best control with the interval', () => {
    const strong = arm('TrivialAugment wide', 0.6, 0.601, 0.59);
    expect(concluded(found([0.62, 0.63, 0.62]), weak, strong)).toEqual({
      verdict: 'use',
      conclusion:
        'Use it: +2.6 points over TrivialAugment wide, the best of 2 controls (95 % interval +1.3 to +4.0, 3 pairs).',
      best: 'TrivialAugment wide',
    });
  });

  it('tells the difference of each search beside the interval, which is over pairs', () => {
    const arms = [found([0.62, 0.63, 0.62], [0.61, 0.62, 0.612]), arm('nothing', 0.6, 0.601, 0.59)];
    const summary = summaryOf({ arms });
    expect(summary.conclusion).toMatch(
      /^Use it: \+2\.2 points over nothing, the only control \(95 % interval .*, 3 pairs; by search \+2\.6 and \+1\.7\)\.$/,
    );
    const [first, second] = summary.searches.map(({ versusBest }) => versusBest as number);
    expect([first, second].map((one) => points(one as number))).toEqual(['+2.6', '+1.7']);
    const means = [1.87 / 3, 1.842 / 3] as const;
    expect(summary.betweenSearches).toBeCloseTo((means[0] - means[1]) / Math.SQRT2, 12);
  });

  it('names controls that are not judged because they diverged', () => {
    const wild: Arm = { name: 'wild', runs: [run(0, Number.NaN), run(1, Number.NaN)] };
    const odd: Arm = { name: 'odd', runs: [run(0, 0.3), run(1, Number.NaN), run(2, 0.3)] };
    const { verdict, conclusion } = concluded(found([0.6, 0.63, 0.62]), weak, wild, odd);
    expect(verdict).toBe('use');
    expect(conclusion).toMatch(
      /; not judged, as it diverged: wild \(2 of 2 trainings\) and odd \(1 of 3 trainings\)\.$/,
    );
    expect(summaryOf({ arms: [found([0.6, 0.63]), weak, wild] }).diverged).toEqual([
      { arm: 'wild', trainings: 2 },
    ]);
  });

  it('is that there is nothing to find, and what the interval still allows', () => {
    const same = arm('TrivialAugment', 0.61, 0.6, 0.62);
    expect(concluded(found([0.612, 0.6, 0.622]), weak, same).conclusion).toBe(
      'Nothing to find here: use TrivialAugment, the best of 2 controls; the found policy is +0.1 points from it (95 % interval −0.2 to +0.4, 3 pairs), so a gain of +0.4 is not ruled out.',
    );
    const wide = concluded(found([0.65, 0.58, 0.63]), weak, same);
    expect(wide.verdict).toBe('nothing');
    expect(wide.conclusion).toMatch(/so a gain of \+\d+\.\d is not ruled out without more pairs\.$/);
  });

  it('names what to use where the best control is nothing, or a uniform policy', () => {
    const near = found([0.502, 0.508, 0.522]);
    expect(concluded(near, weak).conclusion).toMatch(
      /^Nothing to find here: use no augmentation, the only control; /,
    );
    const uniform = arm('uniform', 0.5, 0.51, 0.52);
    expect(concluded(near, uniform).conclusion).toMatch(/: use a uniform policy, the only control; /);
  });

  it('of a policy that trains exactly as nothing: nothing to find', () => {
    expect(concluded(found([0.5, 0.51, 0.52]), weak)).toMatchObject({
      verdict: 'nothing',
      conclusion:
        'Nothing to find here: use no augmentation, the only control; the found policy is 0.0 points from it (95 % interval 0.0 to 0.0, 3 pairs).',
    });
  });

  it('is to use the control where found is worse', () => {
    const strong = arm('RandAugment', 0.6, 0.61, 0.62);
    expect(concluded(found([0.57, 0.585, 0.59]), weak, strong)).toEqual({
      verdict: 'worse',
      conclusion:
        'Nothing to find here: use RandAugment, the best of 2 controls, which is better; the found policy is −2.8 points from it (95 % interval −3.6 to −2.1, 3 pairs).',
      best: 'RandAugment',
    });
  });

  it.each([
    ['one pair', [found([0.6]), arm('nothing', 0.5)], /share 1 pair of trainings where an interval needs 2/],
    ['no shared pair', [found([0.6]), { name: 'nothing', runs: [run(4, 0.5)] }], /share 0 pairs/],
    ['no training of found', [found([]), arm('nothing', 0.5, 0.6)], /found policy has no training/],
    ['no found arm at all', [arm('nothing', 0.5, 0.6)], /found policy has no training/],
    ['no control', [found([0.6, 0.7])], /no control has a training/],
    ['controls without runs', [found([0.6, 0.7]), arm('nothing')], /no control has a training/],
    [
      'no training of found that did not diverge',
      [found([Number.NaN, Number.NaN]), arm('nothing', 0.5, 0.6)],
      /every training of the found policy diverged \(2 trainings\); lower trial\.learningRate/,
    ],
    [
      'one of found that diverged',
      [found([0.7, Number.NaN, 0.71]), arm('nothing', 0.5, 0.6, 0.5)],
      /1 of 3 trainings of the found policy diverged, and to compare the others alone would flatter it; lower/,
    ],
    [
      'one of the best control that diverged',
      [found([0.7, 0.72, 0.71]), { name: 'x', runs: [run(0, 0.5), run(1, 0.52), run(2, Number.NaN)] }],
      /1 of 3 trainings of x, the best control, diverged/,
    ],
    [
      'searches of which one is no better than the control',
      [found([0.7, 0.71, 0.72], [0.599, 0.61, 0.618]), arm('nothing', 0.6, 0.61, 0.62)],
      /found is \+4\.9 points from nothing, .* \(95 % interval \+4\.\d to \+5\.\d, 3 pairs; by search \+10\.0 and −0\.1\), but not by each search: which of them is run decides; search again/,
    ],
    [
      'equal differences',
      [found([0.6, 0.7]), arm('x', 0.5, 0.6)],
      /\+10\.0 points from x in each of 2 pairs/,
    ],
  ] as [string, Arm[], RegExp][])('is that there is not enough to say: %s', (_, arms, message) => {
    const { verdict, conclusion } = concluded(...arms);
    expect(verdict).toBe('unknown');
    expect(conclusion).toMatch(/^Not enough to say: .+\.$/);
    expect(conclusion).toMatch(message);
  });

  it('is that there is not enough to say where no arm beats chance, however clear the difference', () => {
    const arms = [found([0.105, 0.108, 0.11]), arm('nothing', 0.09, 0.092, 0.095)];
    expect(summaryOf({ arms })).toMatchObject({
      verdict: 'unknown',
      conclusion:
        'Not enough to say: no arm is right more often than by chance, one in 10; train longer, or on more images.',
    });
    const splits = { ...result().splits, test: { images: 100_000, sha256: '' } };
    expect(summaryOf({ arms, splits }).verdict).toBe('use');
    expect(summaryOf({ arms, classes: [...'abcdefghijklmnop'] }).verdict).toBe('use');
  });

  it('is one printable line, whatever a control is called', () => {
    const { conclusion } = concluded(
      found([0.5, 0.51, 0.53]),
      arm(`a\u001b[31m\n${'x'.repeat(300)}`, 0.5, 0.52, 0.5),
    );
    expect(conclusion).toMatch(/^\P{Cc}{1,300}$/u);
  });
});

describe('warnings', () => {
  it('names searches whose parameters hardly moved, or are no numbers', () => {
    const searches = [search({ moved: 0.0432 }), search({ moved: 0.1 }), search({ moved: Number.NaN })];
    const { warnings, moved } = summaryOf({ searches });
    expect(warnings.filter((one) => one.includes('parameters'))).toEqual([
      'The parameters of search 1 hardly moved (root mean square 0.0432, below 0.1): its policy is largely the one that it began with; give the search more time.',
      'The parameters of search 3 are not numbers: do not use its policy.',
    ]);
    expect(moved).toBe(0.0432);
  });

  it('says nothing of movement for strategies without parameters', () => {
    const { warnings, moved } = summaryOf({ searches: [search({ moved: undefined })] });
    expect(warnings.join()).not.toContain('moved');
    expect(moved).toBeNull();
  });

  it('says that to pick the best of several controls flatters it', () => {
    expect(summaryOf().warnings.join('\n')).toContain(
      'TrivialAugment is the best of 2 controls by its mean on these test images: to pick the best of several flatters it',
    );
    const one = summaryOf({ arms: [found([0.6, 0.61]), arm('nothing', 0.5, 0.52)] });
    expect(one.warnings.join('\n')).not.toContain('flatters');
  });

  it('counts trainings that failed, diverged, or have no counterpart', () => {
    const arms: Arm[] = [
      found([0.6, 0.61, 0.62]),
      { name: 'a', runs: [run(0, 0.5), run(1, 0.51, { loss: Number.NaN }), run(2, Number.NaN)] },
      { name: 'b', runs: [] },
    ];
    const text = summaryOf({ arms }).warnings.join('\n');
    expect(text).toContain(
      '1 of 3 trainings of a diverged: its figures are those of the others, and flatter it.',
    );
    expect(text).toContain(
      '1 training of a ended with a loss that is not a number; the accuracy counts all the same.',
    );
    expect(text).toContain('1 training of found or a have no counterpart of the same pair');
    expect(text).toContain('b was not trained.');
  });

  it('says where many candidates of a search diverged', () => {
    const trace = Array.from({ length: 10 }, (_, i) => ({
      ...{ progress: i / 10, strength: 1, effectiveOps: 1, values: {} },
    }));
    const text = summaryOf({ searches: [search({ trace, diverged: 2 }), search({ trace, diverged: 3 })] });
    expect(text.warnings.join('\n')).toContain(
      '3 candidates of search 2 diverged and counted as the worst: ',
    );
    expect(text.warnings.join('\n')).not.toContain('of search 1 diverged');
    expect(text.searches.map(({ diverged }) => diverged)).toEqual([2, 3]);
  });

  it('says where pairs hold different searches', () => {
    const sentence = 'Not every pair holds the same searches: how these differ is part of the interval.';
    const runs = [run(0, 0.6, { search: 0 }), run(1, 0.6, { search: 1 })];
    const control = arm('nothing', 0.5, 0.51);
    expect(summaryOf({ arms: [{ name: 'found', runs }, control] }).warnings).toContain(sentence);
    expect(summaryOf({ arms: [found([0.6, 0.61], [0.6, 0.61]), control] }).warnings).not.toContain(sentence);
    expect(summaryOf({ arms: [found([0.6, 0.61], [0.6]), control] }).warnings).toContain(sentence);
  });

  it('says that one search does not tell how two differ', () => {
    expect(summaryOf({ searches: [search()] }).warnings.join()).toContain('One search only');
  });
});

test('the chosen policy is that with the highest score of its own, else the first', () => {
  const scored = (score: number) =>
    search({ trace: [{ progress: 1, strength: 1, effectiveOps: 1, values: { score } }] });
  expect(chosenSearch([scored(0.1), scored(0.3), scored(Number.NaN)])).toBe(1);
  expect(chosenSearch([scored(Number.NaN), scored(-2)])).toBe(1);
  expect(chosenSearch([search({ trace: [] }), search({ trace: [] })])).toBe(0);
  expect(chosenSearch([])).toBeUndefined();
});

test('the summary has the keys of the command line first, and is JSON that keeps its numbers', () => {
  const summary = findingsOf(result(), { space, policy: 'runs/policy.json' }).summary;
  expect(Object.keys(summary).slice(0, 10)).toEqual([
    ...[
      'policy',
      'strategy',
      'seconds',
      'conclusion',
      'found',
      'controls',
      'versus',
      'ops',
      'moved',
      'effectiveOps',
    ],
  ]);
  expect(summary.policy).toBe('runs/policy.json');
  expect(Object.keys(summary.found)).toEqual(['mean', 'sd', 'runs']);
  expect(summary.found.runs).toEqual([0.62, 0.63, 0.63, 0.62, 0.61, 0.62]);
  expect(summary.found.mean).toBeCloseTo(0.62167, 5);
  expect(summary.controls.map((control) => Object.keys(control))).toEqual([
    ['name', 'mean', 'sd', 'runs'],
    ['name', 'mean', 'sd', 'runs'],
  ]);
  expect(Object.keys(summary.versus[0])).toEqual(['control', 'difference', 'low', 'high', 'pairs']);
  expect(summary.ops).toHaveLength(space.ops.length);
  expect(Object.keys(summary.ops[0]).slice(0, 4)).toEqual(['op', 'share', 'strength', 'worth']);
  expect(summary.ops.find(({ op }) => op === 'rotate')?.worth).toBe(0.02);
  expect(summary.ops.find(({ op }) => op === 'hflip')).toMatchObject({ worth: null, magnitude: null });
  expect(summary.moved).toBe(0.7);
  expect(summary.effectiveOps).toBeGreaterThan(1);
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
});

test('the summary of a search that was interrupted before its end has nulls', () => {
  const summary = summaryOf({ searches: [], arms: [], worth: [{ op: 'rotate', worth: Number.NaN }] });
  expect(summary).toMatchObject({
    ...{ verdict: 'unknown', moved: null, effectiveOps: null, ops: [], searches: [] },
    ...{ found: { mean: null, sd: null, runs: [] }, best: null },
  });
  expect(summary.warnings).toContain('What rotate is worth is not known: its score is not a number.');
});

test('two arms of one name are refused', () => {
  expect(() => summaryOf({ arms: [arm('a', 0.5), arm('a', 0.6)] })).toThrow(
    "expected arms of different names but received 'a' twice",
  );
});

test('a policy that the space does not hold is refused', () => {
  const other = { subPolicies: [{ weight: 1, stages: [[{ op: 'fog', weight: 1, p: 1 }]] }] };
  expect(() => summaryOf({ searches: [search(), search({ policy: other })] })).toThrow(/unknown op 'fog'/);
  expect(policy.subPolicies).toHaveLength(2);
});

test.each([
  [0.0193, '+1.9'],
  [-0.003, '−0.3'],
  [0, '0.0'],
  [-0, '0.0'],
  [0.0004, '+0.04'],
  [-0.00004, '−0.004'],
  [1e-9, '0.0'],
])('points(%d) is %s', (value, text) => {
  expect(points(value)).toBe(text);
});
