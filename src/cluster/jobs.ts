/** What a job holds: a plan or a search, and the number of a task in it. No paths, no secrets, nothing that a worker would trust. */
import { show, UsageError } from '../core/index.js';

/** A shard of a preparation, or a training of a search. */
export type JobKind = 'shard' | 'trial';

/** What a job's task belongs to: the plan of a preparation, or a search. */
export interface Origin {
  readonly kind: JobKind;
  /** Digest of the plan, or of what the search is about. */
  readonly digest: string;
}

/** The payload of a job. */
export interface JobData {
  readonly kind: JobKind;
  /** Digest of the origin. */
  readonly of: string;
  /** Place of the shard in the plan, or number of the training in its search. */
  readonly number: number;
}

/** Prefix of the keys of all queues. */
export const PREFIX = 'rxaug';

const WORDS = {
  shard: { command: 'prepare', origin: 'plan' },
  trial: { command: 'search', origin: 'search' },
} as const;

/** Each plan and each search has a queue of its own, so that they do not disturb each other. */
export const queueName = ({ kind, digest }: Origin): string =>
  `${WORDS[kind].command}-${digest.slice(0, 16)}`;

/** The same job is enqueued once; BullMQ takes numbers alone for its own. */
export const jobId = ({ kind }: Origin, number: number): string => `${kind}-${number}`;

export const payloadOf = ({ kind, digest }: Origin, number: number): JobData => ({
  kind,
  of: digest,
  number,
});

/**
 * The number of the task that a payload asks for.
 *
 * @param count - number of tasks, where it is known
 * @throws UsageError for a payload that is not of this origin
 */
export function numberOf(payload: unknown, origin: Origin, count = Number.POSITIVE_INFINITY): number {
  const { command, origin: whole } = WORDS[origin.kind];
  const enqueue = `enqueue by rxaug ${command} --queue only`;
  const fields = typeof payload === 'object' && payload !== null ? Object.keys(payload).sort().join() : '';
  const { kind, of, number } = (payload ?? {}) as { readonly [name in keyof JobData]?: unknown };
  if (fields !== 'kind,number,of' || typeof of !== 'string' || typeof number !== 'number')
    throw new UsageError(
      `queue: expected a job { kind, of, number } but received ${show(payload)}; ${enqueue}`,
    );
  if (kind !== origin.kind)
    throw new UsageError(`queue: expected a ${origin.kind} but received ${show(kind)}; ${enqueue}`);
  if (of !== origin.digest)
    throw new UsageError(
      `queue: expected a job of the ${whole} ${origin.digest.slice(0, 12)} but it is of ${show(of.slice(0, 12))}; give the worker the folder of that ${whole}`,
    );
  if (!Number.isSafeInteger(number) || number < 0 || number >= count)
    throw new UsageError(
      `queue: expected a ${origin.kind} ${count === Number.POSITIVE_INFINITY ? 'from 0 on' : `in 0..${count - 1}`} but received ${number}; ${enqueue}`,
    );
  return number;
}
