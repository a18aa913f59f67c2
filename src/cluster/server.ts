/** A connection to a queue's server, which is looked at before anything is entrusted to it. */
import type { Redis } from 'ioredis';
import { messageOf, RxaugError, UsageError } from '../core/index.js';
import { type Address, redacted } from './address.js';
import { loadIoredis } from './packages.js';

/** A server that answers. */
export interface Server {
  readonly address: Address;
  /** Its commands fail at once while the server is away; it connects again by itself. */
  readonly client: Redis;
  /** Why a command failed: what is wrong with the connection, if that is it. */
  reason(error: unknown): string;
  dispose(): void;
}

/** Milliseconds until an answer is given up. */
const ANSWER = 10_000;

/** Before the attempts to connect again; in milliseconds. */
export const again = (attempt: number): number => Math.min(2000, 100 * 2 ** Math.min(attempt, 10));

/**
 * @throws UsageError for a server that would lose jobs or cannot keep them, RxaugError for one that does not answer
 */
export async function connect(address: Address, notice: (sentence: string) => void): Promise<Server> {
  const Redis = await loadIoredis();
  let connected = false;
  let last: unknown;
  const client = new Redis({
    ...address.options,
    lazyConnect: true,
    connectTimeout: ANSWER,
    commandTimeout: ANSWER,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => (connected ? again(attempt) : null),
  });
  client.on('error', (error) => {
    last = error;
  });
  // Else a server that ends in good order leaves commands that fail by the client's own settings.
  client.on('close', () => {
    last ??= new Error('the connection was closed');
  });
  client.on('ready', () => {
    last = undefined;
  });
  try {
    await client.connect();
    await check(client, address.name, notice);
    connected = true;
  } catch (error) {
    client.disconnect();
    if (error instanceof RxaugError) throw error;
    throw new RxaugError(
      `${address.name}: the queue's server does not answer (${reasonOf(last ?? error)}); check that it runs and who may enter`,
    );
  }
  return {
    ...{ address, client },
    reason: (error) => reasonOf(last ?? error),
    dispose: () => client.disconnect(),
  };
}

/** Never with user or password. */
function reasonOf(error: unknown): string {
  // Both families of addresses were tried.
  const { errors } = (error ?? {}) as { errors?: unknown };
  const one = Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
  return redacted(messageOf(one)).replace(/\s+/g, ' ').trim().slice(0, 200);
}

async function check(client: Redis, name: string, notice: (sentence: string) => void): Promise<void> {
  const found = new Map(
    (await client.info())
      .split(/\r?\n/)
      .map((line) => line.split(':', 2) as [string, string])
      .filter(([, value]) => value !== undefined),
  );
  const version = found.get('redis_version') ?? '?';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > 6 || (major === 6 && minor >= 2)))
    throw new UsageError(`${name}: expected Redis 6.2 or newer, or Valkey, but it is ${version}; upgrade it`);
  if (found.get('redis_mode') === 'cluster' || found.get('cluster_enabled') === '1')
    throw new UsageError(
      `${name}: it is a Redis Cluster, and a queue lies on one server; give a server of its own`,
    );
  if (found.get('role') === 'slave')
    throw new UsageError(`${name}: it is a replica, which cannot be written to; give the primary server`);
  const policy = found.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    throw new UsageError(
      `${name}: its maxmemory-policy is ${policy}, by which it throws jobs away when memory is short; set it to noeviction`,
    );
  if (found.get('aof_enabled') === '0')
    notice(
      `${name}: it keeps no log on disk (appendonly no), so after a restart the jobs are enqueued again; nothing is lost by that`,
    );
  try {
    await client.set('rxaug:may-write', '1', 'PX', 1000);
  } catch (error) {
    throw new UsageError(
      `${name}: it cannot be written to (${reasonOf(error)}); give a user that may, and free its memory and disk`,
    );
  }
}
