/** Samples of shards that are under way or finished, as one line. */
import type { Done } from './commit.js';
import type { PlanShard } from './plan/plan.js';

export function shardProgress(shards: readonly PlanShard[], status: (line: string, share: number) => void) {
  const total = shards.reduce((sum, { samples }) => sum + samples, 0);
  const by = new Map<PlanShard, number>();
  let [samples, finished, refused] = [0, 0, 0];
  return (shard: PlanShard, count: number, done?: Done): void => {
    samples += count - (by.get(shard) ?? 0);
    by.set(shard, count);
    if (done) {
      finished++;
      refused += done.refused.length;
    }
    const left = refused > 0 ? `, ${refused} refused` : '';
    status(
      `${samples} of ${total} samples, ${finished} of ${shards.length} shards${left}`,
      total > 0 ? samples / total : 1,
    );
  };
}
