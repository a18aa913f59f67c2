/** What an op is worth is judged at equal strength. */
import { describe, expect, it } from 'vitest';
import type { OpSetting, PolicySetting } from '../../src/search/policy/policy.js';
import { strengthOf } from '../../src/search/policy/strength.js';
import { greatestStrength, withStrength } from '../../src/search/policy/with-strength.js';
import { searchSpace } from '../../src/search/space/search-space.js';
import { compared, opsIn, without } from '../../src/search/worth.js';

const space = searchSpace();
const rotate: OpSetting = { op: 'rotate', weight: 3, p: 0.5, low: -20, high: 20 };
const bright: OpSetting = { op: 'brightness', weight: 1, p: 0.8, low: 0.8, high: 1.2 };
const flip: OpSetting = { op: 'horizontalFlip', weight: 1, p: 0.1 };
const policyOf = (...stages: OpSetting[][]): PolicySetting => ({ subPolicies: [{ weight: 1, stages }] });

describe('what an op is worth', () => {
  it('without() gives the odds of the op to the others of its stage', () => {
    expect(without(policyOf([rotate, bright], [flip]), 'rotate')).toEqual(policyOf([bright], [flip]));
  });

  it('without() leaves a stage that has nothing else, and does nothing in it', () => {
    expect(without(policyOf([rotate], [bright, flip]), 'rotate')).toEqual(
      policyOf([{ ...rotate, p: 0 }], [bright, flip]),
    );
    const unused = { ...bright, weight: 0 };
    expect(opsIn(without(policyOf([rotate, unused], [flip]), 'rotate'))).toEqual(['horizontalFlip']);
  });

  it('opsIn() leaves out what is never applied, for its share is below 1/1000', () => {
    const rare = { ...bright, weight: 0.001 };
    const { subPolicies } = policyOf([rotate, rare], [flip, { ...rotate, op: 'hue', p: 0.0005 }]);
    const policy: PolicySetting = {
      subPolicies: [...subPolicies, { weight: 0.0005, stages: [[{ ...flip, op: 'invert' }]] }],
      batchStages: [
        { stage: 'mixup', share: 0.0005, strength: 0.5 },
        { stage: 'cutmix', share: 0.5, strength: 0.5 },
      ],
    };
    expect(opsIn(policy)).toEqual(['rotate', 'horizontalFlip', 'cutmix']);
  });

  it.each(['rotate', 'brightness', 'horizontalFlip'])(
    'compared() keeps the strength of the policy without %s',
    (op) => {
      const policy = policyOf([rotate, bright], [flip]);
      const both = compared(space, policy, op);
      expect(both?.whole).toBe(policy);
      expect(opsIn(both?.less as PolicySetting)).not.toContain(op);
      expect(strengthOf(space, both?.less as PolicySetting)).toBeCloseTo(strengthOf(space, policy), 9);
    },
  );

  it('compared() weakens the policy where it cannot be as strong without the op', () => {
    const strong = { ...flip, p: 1 };
    const policy = policyOf([strong], [strong, rotate]);
    const both = compared(space, policy, 'horizontalFlip');
    const [whole, less] = [both?.whole, both?.less].map((one) => strengthOf(space, one as PolicySetting));
    expect(whole).toBeLessThan(strengthOf(space, policy));
    expect(whole).toBeCloseTo(less as number, 9);
    expect(whole).toBeCloseTo(greatestStrength(space, without(policy, 'horizontalFlip')), 9);
  });

  it('compared() knows nothing of the only op', () => {
    expect(compared(space, policyOf([rotate], [rotate]), 'rotate')).toBeUndefined();
  });

  it('withStrength() weakens what is always applied, too', () => {
    const sure = policyOf([{ ...flip, p: 1 }], [{ ...rotate, p: 0.5 }]);
    for (const strength of [0.01, 0.3, 1])
      expect(strengthOf(space, withStrength(space, sure, strength) as PolicySetting)).toBeCloseTo(
        strength,
        9,
      );
  });

  it('greatestStrength() is where withStrength() ends', () => {
    const policy = policyOf([rotate, bright], [flip]);
    const most = greatestStrength(space, policy);
    expect(withStrength(space, policy, most - 1e-9)).toBeDefined();
    expect(withStrength(space, policy, most + 1e-9)).toBeUndefined();
  });
});
