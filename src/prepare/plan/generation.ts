/** What earlier generations of a data set have written: it stays as it is, and what is new goes beside it. */
import { jsonDigest } from '../../core/files/json-digest.js';
import { type Item, RxaugError, UsageError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import { isDone } from '../commit.js';
import { MANIFEST } from '../finish/manifest.js';
import { readManifest } from '../finish/read-manifest.js';
import { linesOf } from '../jsonl.js';
import type { Facts } from '../scan/facts.js';
import type { LeftOut } from './kept.js';
import { doneFile, leftOutFile, type Plan, type PlanShard } from './plan.js';
import { rowsOf } from './rows.js';

/** An image of an earlier plan. */
interface Written {
  readonly sha256: string;
  readonly masks?: string;
  /** Digest of its label, boxes and keypoints. */
  readonly about: string;
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
  /** Images of which no sample could be rendered, by id: they are in no shard, and are not tried again. */
  readonly notRendered: ReadonlyMap<string, Written>;
  /** What the generation before has left out, by id. */
  readonly leftOut: ReadonlyMap<string, LeftOut>;
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
  const notRendered = new Map<string, Written>();
  for (const shard of plan.shards) {
    const since = shard.earlier?.generation ?? plan.generation;
    const mark = await isDone(store, plan, shard);
    if (!mark)
      throw new RxaugError(`${store.name}/${doneFile(shard)}: it is missing; restore it, then add again`);
    const refused = new Set(mark.refused.map(({ key }) => key));
    for (const row of await rowsOf(store, shard)) {
      const { id, sha256, masks } = row;
      const images = refused.has(row.key) ? notRendered : written;
      images.set(id, { sha256, masks, about: aboutOf(row), split: shard.split, since });
    }
  }
  for (const id of written.keys()) notRendered.delete(id);
  const earlier = { plan: plan.digest, generation: plan.generation };
  const leftOut = await leftOutOf(store, plan);
  return {
    number: plan.generation + 1,
    shards: plan.shards.map((shard) => ({ ...shard, earlier: shard.earlier ?? earlier })),
    splits: plan.splits,
    written,
    notRendered,
    leftOut,
    ...(retryRefused && { only: passing(store, leftOut) }),
  };
}

/** Whether the manifest is that of this plan. */
export async function isFinished(store: Store, plan: Plan): Promise<boolean> {
  if (!(await store.stat(MANIFEST))) return false;
  return (await readManifest(store)).plan === plan.digest;
}

async function leftOutOf(store: Store, plan: Plan): Promise<Map<string, LeftOut>> {
  const all = linesOf<LeftOut>(Buffer.from(await store.read(leftOutFile(plan.generation))));
  return new Map(all.map((one) => [one.id, one]));
}

function passing(store: Store, leftOut: ReadonlyMap<string, LeftOut>): Set<string> {
  const ids = [...leftOut.values()].filter((one) => one.passing).map(({ id }) => id);
  if (ids.length === 0)
    throw new RxaugError(
      `prepare: nothing in ${store.name} was refused for a reason that may pass; --append looks at all images again`,
    );
  return new Set(ids);
}

const aboutOf = ({ label, targets }: Pick<Item, 'label' | 'targets'>): string =>
  jsonDigest([
    typeof label === 'number' ? label : [...label],
    targets?.boxes ?? null,
    targets?.keypoints ?? null,
  ]).slice(0, 16);

/** Refuses images that are another picture now, or of another class, than the one that was written under their name. */
export function checkUnchanged(
  generation: Generation,
  items: Iterable<readonly [item: Item, facts: Pick<Facts, 'sha256' | 'masks'>]>,
): void {
  let changed = 0;
  let first = '';
  for (const [item, { sha256, masks }] of items) {
    const before = generation.written.get(item.id) ?? generation.notRendered.get(item.id);
    if (!before) continue;
    if (before.sha256 === sha256 && before.masks === masks && before.about === aboutOf(item)) continue;
    if (changed++ === 0) first = item.id;
  }
  if (changed > 0)
    throw new UsageError(
      `prepare: ${changed} images have changed since they were written, or their labels, boxes, keypoints or masks have, such as ${first}; restore them, give the new ones other names, or prepare into another folder`,
    );
}
