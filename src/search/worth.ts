/** What each op of a found policy is worth: the score of the policy minus its score without the op, at equal strength. */
import { join } from 'node:path';
import type { Pool } from '../core/children/pool.js';
import { type Fence, fencedStore } from './fence.js';
import { opOdds } from './policy/effective-ops.js';
import type { OpSetting, PolicySetting } from './policy/policy.js';
import { LEAST, oddsOf } from './policy/rounded.js';
import { strengthOf } from './policy/strength.js';
import { greatestStrength, withStrength } from './policy/with-strength.js';
import type { OpWorth, SearchRun } from './result.js';
import type { SearchSpace } from './space/search-space.js';
import type { Cost } from './strategies/strategy.js';
import { type Diverged, isDiverged, type Result, type Task } from './tasks.js';

/** Seconds that the cheap scorer may count with, for the training of its classifier. */
export const secondsForWorth = (budget: number) => ({ seconds: budget / 20, secondsAlone: budget / 20 });

export interface WorthOptions {
  readonly pool: Pool<Task, Result>;
  readonly space: SearchSpace;
  /** Folder of the journals and classifiers. */
  readonly dir: string;
  readonly cost: Cost;
  readonly budget: number;
  readonly fence: Fence;
  /** Called for an op whose worth is unknown. */
  note(sentence: string): void;
  status(line: string, share: number): void;
}

/** Ops and stages of batches that a policy applies, each once; those that `operatorOf` leaves out are not among them. */
export function opsIn({ subPolicies, batchStages = [] }: PolicySetting): string[] {
  const parts = oddsOf(
    'policy',
    subPolicies.map(({ weight }) => weight),
  );
  const settings = subPolicies.flatMap(({ stages }, i) =>
    (parts[i] as number) > 0 ? stages.flatMap(opOdds) : [],
  );
  const ops = settings.filter(([{ p }, odds]) => odds > 0 && p >= LEAST).map(([{ op }]) => op);
  return [
    ...new Set([...ops, ...batchStages.filter(({ share }) => share >= LEAST).map(({ stage }) => stage)]),
  ];
}

/** A policy without an op, whose odds go to the others of its stage; a stage of nothing else does nothing. */
export function without({ subPolicies, batchStages }: PolicySetting, op: string): PolicySetting {
  const change = (stage: readonly OpSetting[]): OpSetting[] => {
    const others = stage.filter((setting) => setting.op !== op);
    const left = others.some(({ weight }) => weight > 0);
    return left ? others : stage.map((setting) => ({ ...setting, p: 0 }));
  };
  return {
    subPolicies: subPolicies.map(({ weight, stages }) => ({ weight, stages: stages.map(change) })),
    ...(batchStages && { batchStages: batchStages.filter(({ stage }) => stage !== op) }),
  };
}

/**
 * A policy and the same without an op, at equal strength: that of the policy, or else the greatest that it can have without
 * the op. Undefined where nothing is left without it.
 */
export function compared(
  space: SearchSpace,
  policy: PolicySetting,
  op: string,
): { readonly whole: PolicySetting; readonly less: PolicySetting } | undefined {
  const rest = without(policy, op);
  const [own, most] = [strengthOf(space, policy), greatestStrength(space, rest)];
  if (!(most > 0)) return undefined;
  const less = withStrength(space, rest, Math.min(own, most));
  const whole = own <= most ? policy : withStrength(space, policy, most);
  return whole && less && { whole, less };
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

/**
 * Scores each policy with and without each of its ops, at equal strength, by the cheap scorer: a classifier for each search,
 * trained once. Weak policies score well, so without equal strength every op would seem to do harm.
 *
 * @returns undefined if it was stopped
 */
export async function worthOf(
  searches: readonly SearchRun[],
  { pool, space, dir, cost, budget, fence, note, status }: WorthOptions,
): Promise<OpWorth[] | undefined> {
  const all = await Promise.all(
    searches.map(async ({ policy, seed }, slot) => {
      const { network } = policy;
      if (network) {
        note(`search ${slot + 1}: what the parts of a network are worth is not measured`);
        return [];
      }
      const own = join(dir, `${slot + 1}`);
      const journal = fencedStore(join(own, 'journal'), fence);
      const of = { seed, ...secondsForWorth(budget), cost, dir: own };
      const score = async (name: string, changed: PolicySetting) => {
        const known = journal.finished<{ score: number | Diverged }>(name, { policy: changed });
        if (known) return known.score;
        const task: Task = { kind: 'density', of, candidate: { name, policy: changed } };
        const value = await pool.run(task, { name: 'what each op is worth', slot });
        if (value === undefined) return undefined;
        journal.finish(name, { policy: changed }, { score: value });
        return value as number | Diverged;
      };
      const ops = opsIn(policy);
      const worth: OpWorth[] = [];
      for (const [i, op] of ops.entries()) {
        status('what each op is worth', i / ops.length);
        const both = compared(space, policy, op);
        if (!both) {
          note(`search ${slot + 1}: what ${op} is worth is not known, for the policy has no other op`);
          continue;
        }
        const whole = await score(both.whole === policy ? 'all' : `all-${i + 1}`, both.whole);
        const less = isDiverged(whole) ? whole : await score(`without-${i + 1}`, both.less);
        if (whole === undefined || less === undefined) return undefined;
        if (isDiverged(whole) || isDiverged(less)) {
          const how = isDiverged(whole) ? whole.diverged : (less as Diverged).diverged;
          note(
            `search ${slot + 1}: what each op is worth is not known, for the training of the classifier diverged (${how})`,
          );
          return [];
        }
        worth.push({ op, worth: whole - less });
      }
      return worth;
    }),
  );
  const whole = all.filter((one) => one !== undefined);
  return whole.length === all.length ? meanWorth(whole) : undefined;
}
