import type { PolicySetting } from './policy.js';

/** Mean over stages of exp(entropy) of the odds of their ops. */
export function effectiveOps({ subPolicies }: PolicySetting): number {
  const stages = subPolicies.flatMap(({ stages }) => stages);
  const each = stages.map((stage) => {
    const total = stage.reduce((sum, { weight }) => sum + weight, 0);
    const odds = stage.map(({ weight }) => weight / total).filter((share) => share > 0);
    return Math.exp(-odds.reduce((sum, share) => sum + share * Math.log(share), 0));
  });
  return each.length > 0 ? each.reduce((sum, one) => sum + one, 0) / each.length : 0;
}
