/** What stands in the queue: which plan, and which shard of it. No paths, no secrets, nothing that a worker would trust. */
import { show, UsageError } from '../core/index.js';
import type { Plan } from '../prepare/plan/plan.js';

/** The payload of a job. */
export interface ShardJob {
  /** Digest of the plan. */
  readonly plan: string;
  /** Place of the shard in the plan. */
  readonly shard: number;
}

/** Keys of all queues begin so. */
export const PREFIX = 'rxaug';

/** Each plan has a queue of its own, so that preparations do not disturb each other. */
export const queueName = ({ digest }: Plan): string => `prepare-${digest.slice(0, 16)}`;

/** The same job is enqueued once; BullMQ takes numbers alone for its own. */
export const jobId = (shard: number): string => `shard-${shard}`;

/**
 * The shard that a payload asks for.
 *
 * @throws UsageError for a payload that is not of this plan
 */
export function shardOf(payload: unknown, plan: Plan): number {
  const fields = typeof payload === 'object' && payload !== null ? Object.keys(payload).sort().join() : '';
  const { plan: digest, shard } = (payload ?? {}) as { readonly plan?: unknown; readonly shard?: unknown };
  if (fields !== 'plan,shard' || typeof digest !== 'string' || typeof shard !== 'number')
    throw new UsageError(
      `queue: expected a job { plan, shard } but received ${show(payload)}; enqueue by rxaug prepare --queue only`,
    );
  if (digest !== plan.digest)
    throw new UsageError(
      `queue: expected a job of the plan ${plan.digest.slice(0, 12)} but it is of ${show(digest.slice(0, 12))}; give the worker the folder of that plan`,
    );
  if (!Number.isInteger(shard) || shard < 0 || shard >= plan.shards.length)
    throw new UsageError(
      `queue: expected a shard in 0..${plan.shards.length - 1} but received ${shard}; enqueue by rxaug prepare --queue only`,
    );
  return shard;
}
