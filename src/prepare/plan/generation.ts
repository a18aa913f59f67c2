/** What earlier generations of a data set have written: it stays as it is, and what is new goes beside it. */
import { RxaugError, UsageError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import { MANIFEST } from '../finish/manifest.js';
import { readManifest } from '../finish/read-manifest.js';
import type { LeftOut } from './kept.js';
import { LEFT_OUT, type Plan, type PlanShard } from './plan.js';
import { rowsOf } from './rows.js';

/** An image that is in a shard. */
interface Written {
  readonly sha256: string;
  readonly split: string;
  readonly since: number;
}

export interface Generation {
  readonly number: number;
  /** With the digests of their plans. */
  readonly shards: readonly PlanShard[];
  readonly splits: Plan['splits'];
  /** By id. */
  readonly written: ReadonlyMap<string, Written>;
  /** Ids that alone may be added, where not all may. */
  readonly only?: ReadonlySet<string>;
}

/** The generation that comes after a finished one. */
export async function nextGeneration(store: Store, plan: Plan, retryRefused: boolean): Promise<Generation> {
  if (!(await isFinished(store, plan)))
    throw new UsageError(
      `prepare: ${store.name} is not finished, and only a finished data set can be added to; finish it with --resume first`,
    );
  const written = new Map<string, Written>();
  for (const shard of plan.shards) {
    const since = shard.earlier?.generation ?? plan.generation;
    for (const { id, sha256 } of await rowsOf(store, shard))
      written.set(id, { sha256, split: shard.split, since });
  }
  const earlier = { plan: plan.digest, generation: plan.generation };
  return {
    number: plan.generation + 1,
    shards: plan.shards.map((shard) => ({ ...shard, earlier: shard.earlier ?? earlier })),
    splits: plan.splits,
    written,
    ...(retryRefused && { only: await passing(store) }),
  };
}

/** Whether the manifest is that of this plan. */
export async function isFinished(store: Store, plan: Plan): Promise<boolean> {
  if (!(await store.stat(MANIFEST))) return false;
  return (await readManifest(store)).plan === plan.digest;
}

async function passing(store: Store): Promise<Set<string>> {
  const lines = Buffer.from(await store.read(LEFT_OUT))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const ids = lines
    .map((line) => JSON.parse(line) as LeftOut)
    .filter((one) => one.passing)
    .map(({ id }) => id);
  if (ids.length === 0)
    throw new RxaugError(
      `prepare: nothing in ${store.name} was refused for a reason that may pass; --append looks at all images again`,
    );
  return new Set(ids);
}

/** Refuses images that are another picture now than the one that was written under their name. */
export function checkUnchanged(
  generation: Generation,
  ids: Iterable<readonly [id: string, sha256: string]>,
): void {
  let changed = 0;
  let first = '';
  for (const [id, sha256] of ids) {
    const before = generation.written.get(id);
    if (!before || before.sha256 === sha256) continue;
    if (changed++ === 0) first = id;
  }
  if (changed > 0)
    throw new UsageError(
      `prepare: ${changed} images have changed since they were written, such as ${first}; restore them, give the new ones other names, or prepare into another folder`,
    );
}
