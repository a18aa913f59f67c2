/** Policies of numbers as operators and JSON: their shape, what is left out, rounding, and what is refused. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as augment from '../../../src/augment/index.js';
import { fold, keyOf, UsageError } from '../../../src/core/index.js';
import { operatorOf, policyJson, policyText } from '../../../src/search/policy/operator.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import { readableJson } from '../../../src/search/policy/readable-json.js';
import type { SearchSpace } from '../../../src/search/space/search-space.js';
import { spaceOf } from '../../golden/search/space.mjs';

const space = spaceOf(augment);
const rotate = (weight: number, p: number, low = -10, high = 10): OpSetting => ({
  op: 'rotate',
  weight,
  p,
  low,
  high,
});
const invert = (weight: number, p: number): OpSetting => ({ op: 'invert', weight, p });
const flip = (weight: number, p: number): OpSetting => ({ op: 'horizontalFlip', weight, p });
const policyOf = (...stages: OpSetting[][]): PolicySetting => ({ subPolicies: [{ weight: 1, stages }] });
/** The JSON with numbers and names alone: `weightedOneOf 0.5 (invert) 0.5 (rotate)`. */
const brief = (policy: PolicySetting) => policyJson(space, policy).transforms.map(short);
function short({ op, options = {} }: augment.StepJson): string {
  const { of, weights, p } = options as { of?: augment.StepJson[]; weights?: number[]; p?: number };
  if (!of) return op;
  const inner = of.map((step, i) => `${weights ? `${weights[i]} ` : ''}${short(step)}`);
  return `${op}${weights ? '' : ` ${p}`} (${inner.join(', ')})`;
}
const draws = (policy: PolicySetting, n = 2000) => {
  const { transform } = operatorOf(space, policy);
  return Array.from({ length: n }, (_, i) => transform.draw(fold(keyOf(4), i), 0));
};

describe('the shape of a policy', () => {
  it('is a choice of sub-policies, of stages in order, each a choice of ops with their probabilities', () => {
    const stages = [[rotate(1, 0.5), invert(3, 1)], [flip(1, 0.25)]];
    const policy = {
      subPolicies: [
        { weight: 6, stages },
        { weight: 2, stages: [[invert(1, 1)]] },
      ],
    };
    expect(brief(policy)).toEqual([
      'weightedOneOf (0.75 randomApply 1 (weightedOneOf (0.25 randomApply 0.5 (rotate), 0.75 invert), randomApply 0.25 (horizontalFlip)), 0.25 invert)',
    ]);
  });

  it('a choice of one is that one; a single sub-policy is its stages', () => {
    expect(brief(policyOf([rotate(2, 1)], [invert(5, 0.5)]))).toEqual(['rotate', 'randomApply 0.5 (invert)']);
    expect(draws(policyOf([rotate(2, 1)], [invert(5, 1)]), 5).map((all) => all.map(({ op }) => op))).toEqual(
      Array(5).fill(['rotate', 'invert']),
    );
  });
});

describe('what is left out', () => {
  it('ops without weight, or below 1/1000 of the odds, give their odds to the others', () => {
    expect(brief(policyOf([rotate(1, 1), invert(0, 1), flip(0.0009, 1)]))).toEqual(['rotate']);
    expect(brief(policyOf([rotate(499, 1), invert(500, 1), flip(1, 1)]))).toEqual([
      'weightedOneOf (0.499 rotate, 0.5 invert, 0.001 horizontalFlip)',
    ]);
  });

  it('ops that are never applied keep their odds: with these nothing is applied', () => {
    const policy = policyOf([rotate(3, 1), invert(3, 0.5), flip(4, 0)]);
    expect(brief(policy)).toEqual([
      'randomApply 0.6 (weightedOneOf (0.5 rotate, 0.5 randomApply 0.5 (invert)))',
    ]);
    const nothing = draws(policy).filter(({ length }) => length === 0).length;
    expect(Math.abs(nothing / 2000 - 0.55)).toBeLessThan(5 * Math.sqrt((0.55 * 0.45) / 2000));
    expect(brief(policyOf([rotate(1, 1), flip(1, 0.0009)]))).toEqual(['randomApply 0.5 (rotate)']);
  });

  it('empty stages are skipped; empty sub-policies keep their odds', () => {
    expect(brief(policyOf([], [invert(1, 0)], [rotate(1, 1)], [flip(0, 1)]))).toEqual(['rotate']);
    const subPolicies = [
      { weight: 1, stages: [[rotate(1, 1)], [invert(1, 1)]] },
      { weight: 3, stages: [[flip(1, 0)]] },
      { weight: 0, stages: [[flip(1, 1)]] },
    ];
    expect(brief({ subPolicies })).toEqual(['randomApply 0.25 (rotate, invert)']);
  });

  it('a policy with nothing left draws nothing, here and from its JSON', () => {
    for (const policy of [
      { subPolicies: [] },
      policyOf(),
      policyOf([]),
      policyOf([flip(1, 0)], [rotate(0, 1)]),
    ]) {
      expect(policyJson(space, policy)).toEqual({ rxaug: augment.PIPELINE_VERSION, transforms: [] });
      expect(draws(policy, 20).flat()).toEqual([]);
    }
  });
});

describe('rounding', () => {
  it('is to four significant digits, of odds, probabilities and magnitudes', () => {
    const json = policyJson(space, policyOf([rotate(1, 0.123456, -12.34567, 0.0012344), invert(2, 0.99999)]));
    expect(json.transforms[0]?.options).toMatchObject({
      weights: [0.3333, 0.6667],
      of: [
        {
          op: 'randomApply',
          options: { p: 0.1235, of: [{ op: 'rotate', options: { angle: [-12.35, 0.001234] } }] },
        },
        { op: 'invert' },
      ],
    });
  });

  it('is the same applied as written, and rounded numbers stay as they are', () => {
    const policy = policyOf([rotate(1, 1, -12.34567, -12.34561)]);
    expect(new Set(draws(policy, 50).map(([draw]) => draw?.params.angle))).toEqual(new Set([-12.35]));
    const again = policyOf([rotate(1, 1, -12.35, -12.35)]);
    expect(policyJson(space, again)).toEqual(policyJson(space, policy));
  });

  it('stays within the bounds of the op', () => {
    const bound = 150 / 331;
    const narrow: SearchSpace = {
      ...space,
      ops: [
        {
          name: 'slide',
          magnitude: { low: -bound, high: bound, neutral: 0, unit: 'share' },
          make: (low, high) => augment.translate({ x: [low, high], y: [0, 0], p: 1 }),
        },
      ],
    };
    const setting = { op: 'slide', weight: 1, p: 1, low: -bound - 1e-9, high: bound };
    expect(policyJson(narrow, policyOf([setting])).transforms[0]?.options).toMatchObject({
      x: [-bound, bound],
    });
  });
});

describe('the text of a file', () => {
  it('is the JSON, in lines of at most 100 characters where parts are that short', () => {
    const policy = policyOf([rotate(1, 0.5), invert(2, 1)], [flip(1, 0.5), rotate(1, 1), invert(1, 0.25)]);
    const text = policyText(space, policy);
    expect(JSON.parse(text)).toEqual(policyJson(space, policy));
    expect(text).toContain('"weights": [0.3333, 0.6667],\n');
    expect(text).toContain('{ "op": "invert", "options": { "p": 1 } }\n');
    expect(text.endsWith('}\n')).toBe(true);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(101);
    expect(policyText(space, { subPolicies: [] })).toBe('{ "rxaug": 2, "transforms": [] }\n');
  });

  it('is JSON of whatever it holds', () => {
    const odd = {
      a: [[], {}, null, true, 'x\n"'],
      'b"': { c: [1e-7, -0, 1e21], d: 'y'.repeat(120) },
      e: [[[['z'.repeat(99)]]]],
    };
    expect(JSON.parse(readableJson(odd))).toEqual(JSON.parse(JSON.stringify(odd)));
  });
});

describe('refused', () => {
  it.each<[string, PolicySetting, string]>([
    [
      'an unknown op',
      policyOf([rotate(1, 1)], [{ op: 'rotat', weight: 1, p: 1 }]),
      "policy: sub-policy 0, stage 1: unknown op 'rotat'; did you mean 'rotate'?",
    ],
    [
      'an unknown op that is never used',
      policyOf([{ op: 'zzzzzzz', weight: 0, p: 0 }]),
      "unknown op 'zzzzzzz'; the ops of the space are rotate, shearX",
    ],
    [
      'a negative weight',
      policyOf([rotate(-1, 1)]),
      'policy: sub-policy 0, stage 0: weight: expected a number ≥ 0 but received -1; fix the policy',
    ],
    [
      'a weight of NaN',
      { subPolicies: [{ weight: Number.NaN, stages: [] }] },
      'policy: weight: expected a number ≥ 0 but received NaN',
    ],
    [
      'a probability above 1',
      policyOf([rotate(1, 1.1)]),
      'stage 0, rotate: p: expected a number in 0..1 but received 1.1',
    ],
    [
      'a probability of NaN',
      policyOf([rotate(1, Number.NaN)]),
      'rotate: p: expected a number in 0..1 but received NaN',
    ],
    [
      'a magnitude out of bounds',
      policyOf([rotate(1, 1, -10, 46)]),
      'rotate: expected low ≤ high in -45..45 but received [-10,46]',
    ],
    [
      'magnitudes upside down',
      policyOf([rotate(1, 1, 10, -10)]),
      'rotate: expected low ≤ high in -45..45 but received [10,-10]',
    ],
    [
      'no magnitude',
      policyOf([{ op: 'rotate', weight: 1, p: 1 }]),
      'rotate: expected low ≤ high in -45..45 but received',
    ],
    [
      'a magnitude that nothing takes',
      policyOf([{ ...invert(1, 1), low: 0, high: 1 }]),
      'stage 0, invert: expected no magnitude but received one; leave out low and high',
    ],
  ])('%s', (_, policy, said) => {
    for (const make of [operatorOf, policyJson]) {
      expect(() => make(space, policy)).toThrow(UsageError);
      expect(() => make(space, policy)).toThrow(said);
    }
  });
});

it('an op that the catalog lacks takes part, by its transform', () => {
  const veil = augment.defineTransform({
    name: 'veil',
    options: z.strictObject({ strength: z.tuple([z.number(), z.number()]) }),
    params: z.strictObject({ strength: z.number() }),
    draw: (draws, { strength: [low, high] }) => ({ strength: draws.uniform(low, high) }),
    lower: ({ strength }, plan) => plan.lookUp((value) => value * strength),
  });
  const magnitude = { low: 0, high: 1, neutral: 1, unit: 'factor' };
  const own = {
    name: 'veil',
    magnitude,
    make: (low: number, high: number) => veil({ strength: [low, high] }),
  };
  const policy = policyOf([{ op: 'veil', weight: 1, p: 0.5, low: 0.2, high: 0.4 }, rotate(1, 1)]);
  const wider = { ...space, ops: [...space.ops, own] };
  const found = operatorOf(wider, policy).transform;
  expect(found.ops.map(({ name }) => name)).toEqual(['veil', 'rotate']);
  const makers = [{ name: 'veil', make: (options: object) => veil(options as Parameters<typeof veil>[0]) }];
  const [read] = augment.pipelineFromJson(policyJson(wider, policy), makers).transforms;
  for (let i = 0; i < 50; i++) expect(read?.transform.draw(keyOf(i), 0)).toEqual(found.draw(keyOf(i), 0));
});
