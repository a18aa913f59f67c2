/** The rows of a shard, and those of them that end processes. */
import { createHash } from 'node:crypto';
import { RxaugError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import { type PlanRow, type PlanShard, parseRow, poisonFile, rowsFile, shardName } from './plan.js';

/** @throws RxaugError if they are not those that the plan was made with */
export async function rowsOf(store: Store, shard: PlanShard): Promise<PlanRow[]> {
  const bytes = Buffer.from(await store.read(rowsFile(shard)));
  if (createHash('sha256').update(bytes).digest('hex') !== shard.sha256)
    throw new RxaugError(
      `${store.name}: the rows of shard ${shardName(shard)} are not those of the plan; restore ${rowsFile(shard)}, or prepare into another folder`,
    );
  const lines = bytes.toString('utf8').split('\n');
  lines.pop();
  return lines.map(parseRow);
}

/** Reasons by key. */
export async function poisonOf(store: Store, shard: PlanShard): Promise<ReadonlyMap<string, string>> {
  const file = poisonFile(shard);
  if (!(await store.stat(file))) return new Map();
  const found = JSON.parse(Buffer.from(await store.read(file)).toString('utf8')) as Record<string, string>;
  return new Map(Object.entries(found));
}

export async function writePoison(
  store: Store,
  shard: PlanShard,
  poison: ReadonlyMap<string, string>,
): Promise<void> {
  await store.replace(poisonFile(shard), Buffer.from(`${JSON.stringify(Object.fromEntries(poison))}\n`));
}
