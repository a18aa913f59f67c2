import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/core/index.js';
import type { SearchOp } from '../../../src/search/space/search-op.js';
import { type SearchSpaceOptions, searchSpace, spaceFor } from '../../../src/search/space/search-space.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';

const namesOf = ({ ops }: { readonly ops: readonly SearchOp[] }) => ops.map(({ name }) => name);

test('has all standard ops, four sub-policies and two stages by default', () => {
  const space = searchSpace();
  expect(namesOf(space)).toEqual([
    ...['rotate', 'shearX', 'shearY', 'translateX', 'translateY', 'scale', 'horizontalFlip', 'verticalFlip'],
    ...['brightness', 'contrast', 'saturation', 'hue', 'gamma', 'sharpness', 'posterize', 'solarize'],
    ...['autocontrast', 'equalize', 'invert', 'grayscale', 'gaussianBlur', 'gaussianNoise', 'cutout'],
  ]);
  expect([space.subPolicies, space.stages]).toEqual([4, 2]);
});

test('takes only and except, and other bounds for some', () => {
  expect(namesOf(searchSpace({ only: ['hue', 'rotate'] }))).toEqual(['rotate', 'hue']);
  expect(namesOf(searchSpace({ only: ['hue', 'rotate', 'invert'] }))).not.toContain('scale');
  expect(namesOf(searchSpace({ except: ['hue'] }))).toHaveLength(STANDARD_OPS.length - 1);
  const [rotate, scale] = searchSpace({ only: ['rotate', 'scale'], bounds: { rotate: [-5, 15] } }).ops;
  expect(rotate?.magnitude).toEqual({ low: -5, high: 15, neutral: 0, unit: 'degrees' });
  expect(scale?.magnitude).toEqual(STANDARD_OPS.find(({ name }) => name === 'scale')?.magnitude);
});

test('one-channel images take no part in color, and what is left out is named', () => {
  const { space, leftOut } = spaceFor(searchSpace(), 1);
  expect(leftOut).toEqual(['saturation', 'hue', 'grayscale']);
  expect(namesOf(space)).toEqual(namesOf(searchSpace({ except: leftOut })));
  expect(spaceFor(searchSpace(), 3)).toEqual({ space: searchSpace(), leftOut: [] });
  expect(() => spaceFor(searchSpace({ only: ['hue', 'grayscale'] }), 1)).toThrow(
    "searchSpace: no op is left for images of 1 channel: 'hue', 'grayscale' do not take them; add ops that do, such as rotate or brightness",
  );
});

const rotate = STANDARD_OPS[0] as SearchOp;

describe('refuses, in one sentence', () => {
  const cases: readonly (readonly [title: string, given: SearchSpaceOptions, sentence: string | RegExp])[] = [
    [
      'an unknown name',
      { only: ['rotat'] },
      "searchSpace: unknown op 'rotat' in only; did you mean 'rotate'?",
    ],
    [
      'a name far from all',
      { ops: [rotate], except: ['zzzzzzzz'] },
      "searchSpace: unknown op 'zzzzzzzz' in except; known are rotate",
    ],
    [
      'bounds of an unknown op',
      { bounds: { Hue: [0, 0.1] } },
      "searchSpace: unknown op 'Hue' in bounds; did you mean 'hue'?",
    ],
    [
      'a space of nothing',
      { ops: [rotate], except: ['rotate'] },
      "searchSpace: expected at least one op but none is left; keep one of 'rotate'",
    ],
    ['no ops', { ops: [] }, 'searchSpace: expected at least one op but none is left; give at least one op'],
    [
      'an op that is both in and out',
      { only: ['rotate', 'hue'], except: ['hue'] },
      "searchSpace: only and except both name 'hue'; take it out of one of them",
    ],
    [
      'bounds of what is left out',
      { except: ['rotate'], bounds: { rotate: [-5, 5] } },
      "searchSpace: bounds are for 'rotate', which only or except leaves out; take them out",
    ],
    [
      'reversed bounds',
      { bounds: { rotate: [5, -5] } },
      'searchSpace: bounds of rotate: expected bounds low ≤ high but received [5,-5]; give two numbers, the lower one first',
    ],
    [
      'bounds that the transform does not take',
      { bounds: { rotate: [-10, 1000] } },
      /^searchSpace: bounds of rotate: searchOp rotate: rotate: angle\[1\]: expected .*360.* but received 1000$/,
    ],
    [
      'bounds of an op without magnitude',
      { bounds: { equalize: [0, 1] } },
      'searchSpace: bounds of equalize: expected none, for it has no magnitude; take them out',
    ],
    [
      'an op that is there twice',
      { ops: [rotate, rotate] },
      "searchSpace: op 'rotate' is there twice; leave one out, or give it another name",
    ],
    [
      'what is no op',
      { ops: [rotate, (() => rotate) as never] },
      /^searchSpace: ops\[1\]: expected a search op but received function .*; make one of a transform by searchOp\(transform\)$/,
    ],
    ['no stages', { stages: 0 }, /^searchSpace: stages: expected .* but received 0$/],
    ['half a sub-policy', { subPolicies: 1.5 }, /^searchSpace: subPolicies: expected .* but received 1.5$/],
    [
      'an unknown option',
      { excpt: ['hue'] } as never,
      /^searchSpace: unknown option 'excpt'; did you mean 'except'\?/,
    ],
  ];

  test.each(cases)('%s', (_, given, sentence) => {
    expect(() => searchSpace(given)).toThrow(UsageError);
    expect(() => searchSpace(given)).toThrow(sentence);
  });
});
