/** What exports refuse, leave out and read off, and that nothing in a pipeline can become code. */
import { describe, expect, it } from 'vitest';
import { call, comment, python, quoted, tuple } from '../../src/augment/export/python.js';
import { asPipeline, completed, type ExportOptions, exportPython } from '../../src/augment/index.js';
import { linear, steps } from '../../src/core/index.js';

const exported = (given: unknown, options: Partial<ExportOptions> = {}) =>
  exportPython(completed(asPipeline(given)), { to: 'torchvision', source: 'test', ...options });
const last = (code: string) => code.slice(code.indexOf('\ntransform = ') + 1);
const albumentations = { to: 'albumentations' } as const;

describe('Python', () => {
  it('quotes whatever a string holds', () => {
    expect(quoted('a"b\\c\n\r\t\u0000é€😀\u2028')).toBe(
      '"a\\"b\\\\c\\u000a\\u000d\\u0009\\u0000\\u00e9\\u20ac\\U0001f600\\u2028"',
    );
    expect(comment('a\nimport os\u2028b\r\u0085c')).toBe('# a import os?b??c\n');
  });

  it('writes literals', () => {
    expect(python([1, -0, 0.1, 1e-7, 1e21, true, null, 'a'])).toBe(
      '[1, 0, 0.1, 1e-7, 1e+21, True, None, "a"]',
    );
    expect(python(tuple(1))).toBe('(1,)');
    expect(python(call('f', [1], { a: undefined, b: tuple(1, 2) }))).toBe('f(1, b=(1, 2))');
    expect(() => python(Number.NaN)).toThrow(/expected a finite number but received NaN/);
  });

  it('breaks lines that are long', () => {
    const long = python(call('f', [Array.from({ length: 60 }, (_, i) => i)], { word: 'x'.repeat(50) }));
    expect(long.split('\n').every((line) => line.length <= 100)).toBe(true);
    expect(long).toMatch(/^f\(\n {4}\[\n {8}0, 1, 2/);
  });

  it('is the same each time', () => {
    const given = [{ op: 'cutout' }, { op: 'shear' }, { op: 'randAugment', options: { deviation: 1 } }];
    expect(exported(given).code).toBe(exported(given).code);
  });

  it('has no place for code: names are looked up, a source is a comment', () => {
    const hostile = '"); import os; os.system("x") #\nprint(1)';
    expect(() => exported({ op: hostile })).toThrow(/unknown transform/);
    expect(() => exported({ op: 'randAugment', options: { operations: [hostile] } })).toThrow(
      /unknown operation/,
    );
    expect(() => exported({ op: 'randAugment', options: { operations: ['constructor'] } })).toThrow(
      /unknown operation 'constructor'/,
    );
    expect(() => exported({ op: 'cutout', options: { fill: { code: hostile } } })).toThrow(/cutout: fill/);
    const { code } = exported({ op: 'horizontalFlip' }, { source: hostile });
    expect(code.split('\n').filter((line) => line.includes('import os'))).toEqual([
      expect.stringMatching(/^# .*import os/),
    ]);
  });
});

describe('refusals', () => {
  it.each([
    [
      { op: 'elastic' },
      {},
      'elastic: torchvision has nothing that does the same; --skip-unknown leaves it out',
    ],
    [{ op: 'rotate', options: { border: 'edge' } }, {}, 'rotate: torchvision fills outside the image'],
    [
      { op: 'autocontrast', options: { cutoff: 2 } },
      {},
      'autocontrast: torchvision knows no cutoff; use cutoff 0',
    ],
    [{ op: 'shiftScaleRotate', options: { shift: [0, 0.1] } }, {}, 'give shift as [-d, d]'],
    [
      [{ op: 'normalize' }, { op: 'horizontalFlip' }],
      {},
      'horizontalFlip: only erasing may come after normalize; move it before',
    ],
    [[{ op: 'normalize', options: { p: 0.5 } }], {}, 'normalize: with a probability'],
    [{ op: 'randomApply', options: { p: 0.5, of: [{ op: 'normalize' }] } }, {}, 'normalize: inside a choice'],
    [
      { op: 'randAugment' },
      albumentations,
      'randAugment: albumentations has no such policy; export to torchvision',
    ],
    [
      { op: 'cutout' },
      albumentations,
      'cutout: albumentations keeps holes inside the image; use coarseDropout',
    ],
    [{ op: 'gamma' }, albumentations, 'gamma: albumentations draws it evenly'],
    [{ op: 'channelShuffle', options: { p: 0.9 } }, albumentations, 'use p ≤ 5/6'],
    [
      { op: 'affine', options: { shearX: [0, 9], rotate: [0, 9] } },
      albumentations,
      'affine: albumentations slants after',
    ],
    [
      { rxaug: 1, transforms: [], batch: [{ op: 'mixup' }] },
      albumentations,
      'mixup: albumentations, which sees one',
    ],
    [{ rxaug: 1, transforms: [], batch: [{ op: 'fmix' }] }, {}, 'fmix: torchvision has nothing'],
    [
      { rxaug: 1, transforms: [], batch: [{ op: 'mixup', options: { granularity: 'pair' } }] },
      {},
      "use granularity 'batch'",
    ],
  ])('%j', (given, options, sentence) => {
    expect(() => exported(given, options)).toThrow(sentence);
    expect(() => exported(given, options)).toThrow(/^export: [^\n]+; --skip-unknown leaves it out$/);
    const { code, skipped } = exported(given, { ...options, skipUnknown: true });
    expect(skipped).toHaveLength(1);
    expect(code).toContain('# LEFT OUT: ');
  });

  it('keep the probabilities of a choice', () => {
    const given = { op: 'oneOf', options: { of: [{ op: 'elastic' }, { op: 'horizontalFlip' }] } };
    expect(last(exported(given, { skipUnknown: true }).code)).toContain(
      'v2.RandomChoice([v2.Identity(), v2.RandomHorizontalFlip(p=0.5)])',
    );
    const theirs = last(exported(given, { skipUnknown: true, to: 'albumentations' }).code);
    expect(theirs).toContain('A.NoOp(p=1)');
    // A bare p = 0.5 would be half the odds.
    expect(theirs).toContain('A.Sequential([A.HorizontalFlip(p=0.5)], p=1)');
  });
});

describe('odds', () => {
  const of = [
    { op: 'horizontalFlip' },
    { op: 'elastic' },
    { op: 'invert', options: { p: 1 } },
    { op: 'oneOf', options: { of: [{ op: 'hue' }] } },
  ];
  const given = { op: 'weightedOneOf', options: { weights: [3, 0, 1, 2], of } };

  it('are those of RandomChoice and OneOf, beside the p of the members; what has none is not written', () => {
    expect(last(exported(given).code)).toContain(
      'v2.RandomChoice(\n        [\n            v2.RandomHorizontalFlip(p=0.5),\n            v2.RandomInvert(p=1),',
    );
    expect(last(exported(given).code)).toContain('        p=[3, 1, 2],\n');
    const theirs = last(exported(given, albumentations).code);
    expect(theirs).toContain('A.Sequential([A.HorizontalFlip(p=0.5)], p=1)');
    expect(theirs).toContain('A.InvertImg(p=1 / 3)');
    expect(theirs).toMatch(/A\.OneOf\(\n {16}\[\n(?:.*\n)+ {16}\],\n {16}p=2 \/ 3,/);
    expect(theirs).toMatch(/\n {8}\],\n {8}p=1,\n {4}\),\n\]\)\n$/);
    const shares = { op: 'weightedOneOf', options: { weights: [0.3, 0.7], of: of.slice(2) } };
    expect(last(exported(shares, albumentations).code)).toContain('A.InvertImg(p=0.3)');
  });

  it('stay those of a member that is left out', () => {
    const some = { op: 'weightedOneOf', options: { weights: [3, 1], of: of.slice(0, 2) } };
    expect(() => exported(some)).toThrow(/^export: elastic: torchvision has nothing/);
    expect(last(exported(some, { skipUnknown: true }).code)).toContain(
      'v2.RandomChoice([v2.RandomHorizontalFlip(p=0.5), v2.Identity()], p=[3, 1])',
    );
    const theirs = exported(some, { skipUnknown: true, to: 'albumentations' });
    expect(last(theirs.code)).toContain('A.NoOp(p=1 / 3)');
  });
});

describe('schedules', () => {
  const given = [
    { op: 'cutout', options: { size: linear(0, 16) } },
    {
      op: 'randomApply',
      options: { p: { schedule: 'linear', from: 0, to: 0.5 }, of: [{ op: 'horizontalFlip' }] },
    },
    { op: 'brightness', options: { factor: [0.5, steps([1, 2], [0.5])] } },
  ];

  it('are evaluated at a progress, and reported', () => {
    const { code, read } = exported(given, { progress: 0.25 });
    expect(read).toEqual(['cutout.size = 4', 'randomApply.p = 0.125', 'brightness.factor[1] = 1']);
    expect(code).toContain('# Schedules are read off at progress 0.25: cutout.size = 4, randomApply.p');
    expect(last(code)).toContain('Cutout(size=4)');
    expect(last(code)).toContain('p=0.125');
    expect(last(exported(given).code)).toContain('v2.ColorJitter(brightness=[0.5, 2])');
  });

  it('whose transforms are all left out write nothing', () => {
    expect(last(exported(given, { progress: 0 }).code)).toBe(
      'transform = v2.Compose([\n    v2.ToImage(),\n    v2.ColorJitter(brightness=[0.5, 1]),\n])\n',
    );
    expect(last(exported([], albumentations).code)).toBe('transform = A.Compose([])\n');
  });

  it('choose a stage', () => {
    const stages = [
      { from: 0, op: 'horizontalFlip' },
      { from: 0.5, op: 'invert', options: { p: linear(0, 1) } },
    ];
    const staged = { op: 'staged', options: { stages } };
    expect(last(exported(staged, { progress: 0.4 }).code)).toContain('RandomHorizontalFlip');
    expect(last(exported(staged, { progress: 0.5 }).code)).toContain('v2.RandomInvert(p=0.5)');
  });
});

describe('policies', () => {
  it('use a class of torchvision where it draws the same, and one of ours where not', () => {
    const native = (op: string, options: object = {}) =>
      /\bv2\.(RandAugment|TrivialAugmentWide|AugMix)\(/.test(exported({ op, options }).code);
    expect(native('randAugment')).toBe(true);
    expect(native('randAugment', { deviation: 1 })).toBe(false);
    expect(native('randAugment', { m: 4.5 })).toBe(false);
    expect(native('randAugment', { operations: ['Rotate', 'Equalize'] })).toBe(false);
    // 8 − 0.5 bits: ours rounds to 7, torchvision to the even 8.
    expect(native('randAugment', { bins: 9, m: 1 })).toBe(false);
    expect(native('randAugment', { bins: 9, m: 2 })).toBe(true);
    expect(native('trivialAugment')).toBe(true);
    expect(native('trivialAugment', { bins: 13 })).toBe(false);
    expect(native('augMix')).toBe(true);
    expect(native('augMix', { severity: 8 })).toBe(true);
    // torchvision keeps no bit at its ninth bin.
    expect(native('augMix', { severity: 9 })).toBe(false);
    expect(native('augMix', { depth: [2, 3] })).toBe(false);
  });
});
