/** What each op of a found policy is worth: the score of the policy minus its score without the op. */
import type { OpSetting, PolicySetting } from './policy/policy.js';
import type { OpWorth } from './result.js';

/** Ops that a policy may apply, each once. */
export function opsIn({ subPolicies }: PolicySetting): string[] {
  const settings = subPolicies.filter(({ weight }) => weight > 0).flatMap(({ stages }) => stages.flat());
  return [...new Set(settings.filter(({ weight, p }) => weight > 0 && p > 0).map(({ op }) => op))];
}

/** A policy that draws an op as often as before, and then does nothing. */
export function without({ subPolicies }: PolicySetting, op: string): PolicySetting {
  const change = (setting: OpSetting) => (setting.op === op ? { ...setting, p: 0 } : setting);
  return {
    subPolicies: subPolicies.map(({ weight, stages }) => ({
      weight,
      stages: stages.map((stage) => stage.map(change)),
    })),
  };
}

/** The mean over searches whose policy applies the op. */
export function meanWorth(all: readonly (readonly OpWorth[])[]): OpWorth[] {
  const sums = new Map<string, number[]>();
  for (const { op, worth } of all.flat()) sums.set(op, [...(sums.get(op) ?? []), worth]);
  return [...sums].map(([op, each]) => ({
    op,
    worth: each.reduce((sum, one) => sum + one, 0) / each.length,
  }));
}
