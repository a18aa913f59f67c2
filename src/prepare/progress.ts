/** Samples of shards that are under way or finished, as one line. */
import type { Done } from './commit.js';
import type { PlanShard } from './plan/plan.js';
import type { PrepareEvents } from './processes.js';

export function shardProgress(shards: readonly PlanShard[], status: PrepareEvents['status']) {
  const total = shards.reduce((sum, { samples }) => sum + samples, 0);
  const by = new Map<PlanShard, number>();
  let [samples, finished, refused, bytes] = [0, 0, 0, 0];
  return (shard: PlanShard, count: number, done?: Done): void => {
    samples += count - (by.get(shard) ?? 0);
    by.set(shard, count);
    if (done) {
      finished++;
      refused += done.refused.length;
      bytes += done.bytes;
    }
    const left = refused > 0 ? `, ${refused} refused` : '';
    status(
      `${samples} of ${total} samples, ${finished} of ${shards.length} shards${left}`,
      total > 0 ? samples / total : 1,
      { samples, allSamples: total, shards: finished, allShards: shards.length, refused, bytes },
    );
  };
}
