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
  try {
    const found: unknown = JSON.parse(Buffer.from(await store.read(file)).toString('utf8'));
    const reasons = Object.entries(found as object);
    if (reasons.every(([, reason]) => typeof reason === 'string')) return new Map(reasons);
  } catch (error) {
    if (error instanceof RxaugError) throw error;
  }
  throw new RxaugError(
    `${store.name}/${file}: it is no list of samples that end their process; restore it, or remove it and have them found again with --resume`,
  );
}

export async function writePoison(
  store: Store,
  shard: PlanShard,
  poison: ReadonlyMap<string, string>,
): Promise<void> {
  await store.replace(poisonFile(shard), Buffer.from(`${JSON.stringify(Object.fromEntries(poison))}\n`));
}
