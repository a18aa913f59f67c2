/** Every op that a search has of its own travels: as JSON and back, and to the peers or with a refusal that names it. */
import { expect, it } from 'vitest';
import {
  type ExportTarget,
  exportPython,
  pipelineFromJson,
  pipelineToJson,
} from '../../../src/augment/index.js';
import { keyOf } from '../../../src/core/index.js';
import { operatorOf, policyJson, policyText } from '../../../src/search/policy/operator.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import type { SearchOp } from '../../../src/search/space/search-op.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';

const space = { ops: STANDARD_OPS, subPolicies: 2, stages: 2 };
const names = STANDARD_OPS.map(({ name }) => name);

/** The middle half of the magnitudes of an op. */
function setting({ name, magnitude }: SearchOp): OpSetting {
  if (!magnitude) return { op: name, weight: 1, p: 0.5 };
  const { low, high } = magnitude;
  return { op: name, weight: 1, p: 0.5, low: low + (high - low) / 4, high: high - (high - low) / 4 };
}
const policyOf = (...ops: readonly SearchOp[]): PolicySetting => {
  const stage = ops.map(setting);
  const stages = [stage, stage];
  return {
    subPolicies: [
      { weight: 1, stages },
      { weight: 1, stages },
    ],
  };
};

it('as JSON and back', () => {
  const policy = policyOf(...STANDARD_OPS);
  const { transform } = operatorOf(space, policy);
  const read = pipelineFromJson(policyText(space, policy)).transforms;
  expect(read).toHaveLength(1);
  expect(pipelineToJson(read)).toEqual(policyJson(space, policy));
  for (let i = 0; i < 300; i++) {
    expect(read[0]?.transform.draw(keyOf(i), 0)).toEqual(transform.draw(keyOf(i), 0));
  }
});

const refusedBy = (to: ExportTarget) =>
  STANDARD_OPS.filter((op) => {
    const json = policyJson(space, policyOf(op));
    const { skipped } = exportPython(json, { to, source: op.name, skipUnknown: true });
    if (skipped.length === 0) return false;
    expect(() => exportPython(json, { to, source: op.name })).toThrow(/^export: \w+: .*; --skip-unknown/);
    return true;
  }).map(({ name }) => name);

it('to torchvision, all of them', () => {
  expect(refusedBy('torchvision')).toEqual([]);
});

it('to albumentations, but for those that it does otherwise', () => {
  const refused = refusedBy('albumentations');
  expect(refused).toEqual(['shearX', 'shearY', 'gamma', 'sharpness', 'equalize', 'cutout']);
  expect(names.length - refused.length).toBeGreaterThan(15);
});
