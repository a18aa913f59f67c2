/** What each op of a found policy is worth: the score of the policy minus its score without the op. */
import { join } from 'node:path';
import { runStore } from '../report/index.js';
import type { OpSetting, PolicySetting } from './policy/policy.js';
import type { OpWorth, SearchRun } from './result.js';
import type { Cost } from './strategies/strategy.js';
import type { Result, Task } from './tasks.js';
import type { Pool } from './trial/pool.js';

/** Seconds that the cheap scorer may count with, for the training of its classifier. */
export const secondsForWorth = (budget: number) => ({ seconds: budget / 20, secondsAlone: budget / 20 });

export interface WorthOptions {
  readonly pool: Pool<Task, Result>;
  /** Folder of the journals and classifiers. */
  readonly dir: string;
  readonly cost: Cost;
  readonly budget: number;
  status(line: string, share: number): void;
}

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

/**
 * Scores each policy with and without each of its ops, by the cheap scorer: a classifier for each search, trained once.
 *
 * @returns undefined if it was stopped
 */
export async function worthOf(
  searches: readonly SearchRun[],
  { pool, dir, cost, budget, status }: WorthOptions,
): Promise<OpWorth[] | undefined> {
  const all = await Promise.all(
    searches.map(async ({ policy, seed }, slot) => {
      const own = join(dir, `${slot + 1}`);
      const journal = runStore(join(own, 'journal'));
      const of = { seed, ...secondsForWorth(budget), cost, dir: own };
      const score = async (name: string, changed: PolicySetting) => {
        const known = journal.finished<{ score: number }>(name, { policy: changed });
        if (known) return known.score;
        const task: Task = { kind: 'density', of, candidate: { name, policy: changed } };
        const value = await pool.run(task, { name: 'what each op is worth', slot });
        if (value === undefined) return undefined;
        journal.finish(name, { policy: changed }, { score: value });
        return value as number;
      };
      const ops = opsIn(policy);
      const whole = await score('all', policy);
      const worth: OpWorth[] = [];
      for (const [i, op] of ops.entries()) {
        status('what each op is worth', i / ops.length);
        const less = await score(`without-${i + 1}`, without(policy, op));
        if (whole === undefined || less === undefined) return undefined;
        worth.push({ op, worth: whole - less });
      }
      return worth;
    }),
  );
  const whole = all.filter((one) => one !== undefined);
  return whole.length === all.length ? meanWorth(whole) : undefined;
}
