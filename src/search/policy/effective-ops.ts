/** How many ops a policy chooses among. */
import type { OpSetting, PolicySetting } from './policy.js';
import { oddsOf } from './rounded.js';

/**
 * Mean over stages of exp(entropy) of the odds of their ops: as many as there are if all are equally likely, 1 where one is
 * always chosen. Settings of the same op are one op; a stage without ops counts 0.
 */
export function effectiveOps({ subPolicies }: PolicySetting): number {
  const each = subPolicies.flatMap(({ stages }) => stages).map(effectiveOpsOf);
  return each.length > 0 ? each.reduce((sum, one) => sum + one, 0) / each.length : 0;
}

function effectiveOpsOf(stage: readonly OpSetting[]): number {
  const byOp = new Map<string, number>();
  for (const [{ op }, odds] of opOdds(stage)) byOp.set(op, (byOp.get(op) ?? 0) + odds);
  const present = [...byOp.values()].filter((odds) => odds > 0);
  return present.length > 0 ? Math.exp(-present.reduce((sum, odds) => sum + odds * Math.log(odds), 0)) : 0;
}

/** The settings of a stage with their odds as they are applied. */
export function opOdds(stage: readonly OpSetting[]): (readonly [setting: OpSetting, odds: number])[] {
  const odds = oddsOf(
    'policy',
    stage.map(({ weight }) => weight),
  );
  return stage.map((setting, i) => [setting, odds[i] as number]);
}
