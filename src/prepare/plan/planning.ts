/** Makes a plan of what was scanned: groups, splits, copies, order and shards, and writes it. */
import { createHash } from 'node:crypto';
import { type Dataset, RxaugError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import type { OutputSchema } from '../../io/write/output.js';
import type { Prepared } from '../definition.js';
import { families, Groups } from '../groups.js';
import { jsonl } from '../jsonl.js';
import { keyedSplit, splitGroups } from '../split/split.js';
import type { Versions } from '../versions.js';
import type { FactColumns } from './columns.js';
import { checkUnchanged, type Generation } from './generation.js';
import type { Kept, LeftOut } from './kept.js';
import { checkUnique } from './keys.js';
import {
  groupsFile,
  leftOutFile,
  oldPlan,
  PLAN,
  type Plan,
  type PlanShard,
  type PlanSplit,
  planText,
  sealed,
} from './plan.js';
import { labelsOf, nameOf, planSplit } from './split-shards.js';

export interface Planning {
  readonly name: string;
  readonly source: Dataset;
  readonly kept: Kept;
  /** SHA-256 of the scan. */
  readonly scanned: string;
  readonly prepared: Prepared;
  readonly schema: OutputSchema;
  readonly seed: number;
  /** Megabytes that a process may hold. */
  readonly memory: number;
  readonly versions: Versions;
  /** Of the generative models, where there is one. */
  readonly generator?: Plan['generator'];
  readonly store: Store;
  /** Group of near-duplicates of each image that is kept; undefined where they were not looked for. */
  readonly near: Uint32Array | undefined;
  /** What is there already, where images are added. */
  readonly generation?: Generation;
  readonly progress: (line: string, share: number) => void;
  readonly notice: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/** Writes rows and lists, and at last the plan itself, which makes them valid; undefined where nothing is new. */
export async function planAll(planning: Planning): Promise<Plan | undefined> {
  const { source, kept, prepared, schema, store, seed, generation, notice } = planning;
  const { rules } = prepared;
  const leftOut = [...kept.leftOut];
  const { columns } = kept;
  checkUnique(ids(source), source.length);
  if (generation) checkUnchanged(generation, items(source, columns));
  const writtenAs = (i: number) => generation?.written.get(source.item(columns.source(i)).id);
  if (generation) tellGone(generation, columns.length, writtenAs, notice);
  const alike = new Groups(columns.length);
  if (rules.nearDuplicates !== 'ignore') {
    alike.joinEqual(
      (i) => columns.hash32(i),
      (a, b) => columns.sameBytes(a, b),
    );
    if (planning.near) alike.joinByNumber(planning.near);
  }
  const found = families(alike.numbered());
  const nearImages = [...found.values()].reduce((sum, { length }) => sum + length, 0);
  const dropped =
    rules.nearDuplicates === 'drop' ? drop(source, columns, found, leftOut, writtenAs) : new Set<number>();
  const group = related(source, columns, alike, prepared).numbered();
  const relatives = families(group);
  const company = new Uint32Array(columns.length);
  group.forEach((g, i) => {
    if (!dropped.has(i)) company[g] = (company[g] as number) + 1;
  });
  const { names, split, merges } = splitGroups(
    {
      ...{ length: columns.length, group, key: groupKeys(source, columns, prepared) },
      label: rules.stratified ? labelsOf(source, columns) : undefined,
      earlier: generation && writtenAs,
      counts: dropped.size > 0 ? (i: number) => !dropped.has(i) : undefined,
    },
    { shares: rules.split, seed, exact: rules.stratified, merges: 'keep' },
  );
  if (merges.length > 0)
    notice(
      `${merges.length} groups of near-duplicates lie in two splits now, for new images joined what had been written already`,
    );
  const number = generation?.number ?? 0;
  const numberOfGroup = (g: number) => number * 2 ** 32 + g;
  const groupOf = (i: number) => {
    const g = group[i] as number;
    return (company[g] as number) > 1 ? numberOfGroup(g) : undefined;
  };
  const shared = {
    ...{ source, columns, rules, schema, seed, store, leftOut, notice, groupOf, signal: planning.signal },
  };
  const shards: PlanShard[] = [];
  const splits: Record<string, PlanSplit> = {};
  for (const [s, name] of names.entries()) {
    const mine = Uint32Array.from({ length: columns.length }, (_, i) => i).filter(
      (i) => split[i] === s && !dropped.has(i) && !writtenAs(i),
    );
    const before = generation?.splits[name];
    const { planned, ...counts } = await planSplit(shared, name, mine, before?.shards ?? 0, (share) =>
      planning.progress(`split ${name}`, (s + share) / names.length),
    );
    shards.push(...planned);
    splits[name] = before ? sum(before, counts) : counts;
  }
  if (shards.length === 0 && generation) return undefined;
  if (shards.length === 0) {
    const [first] = leftOut;
    throw new RxaugError(
      `prepare: no image is left${first ? `; the first of ${leftOut.length} that were left out: ${first.reason}` : ''}`,
    );
  }
  for (const sentence of withoutClass(splits, schema.classes)) notice(sentence);
  const refused: Record<string, number> = {};
  for (const { by } of leftOut) refused[by] = (refused[by] ?? 0) + 1;
  const left = jsonl(leftOut);
  const groups = jsonl(
    groupLines(source, columns, found, (i) => numberOfGroup(group[i] as number), split, names),
  );
  await store.replace(leftOutFile(number), left);
  await store.replace(groupsFile(number), groups);
  const plan = sealed({
    rxaug: 'plan',
    version: 2,
    name: planning.name,
    generation: number,
    ...{ seed, memory: planning.memory, rules, schema, splits, refused },
    ...(planning.generator && { generator: planning.generator }),
    ...(kept.scores.length > 0 && { scores: kept.scores }),
    lists: { refused: sha256Of(left), groups: sha256Of(groups) },
    source: {
      ...{ name: source.name, images: source.length, sha256: planning.scanned },
      ...{ gone: generation ? earlierOf(generation) - kept.earlier : 0, waiting: kept.fresh },
    },
    shards: [...(generation?.shards ?? []), ...shards],
    near: {
      groups: found.size,
      images: nearImages,
      leaksPrevented: leaks(source, columns, relatives, rules.split, seed),
      torn: merges.length,
      dropped: dropped.size,
    },
    versions: planning.versions,
  });
  if (generation) await store.replace(oldPlan(number - 1), await store.read(PLAN));
  await store.replace(PLAN, Buffer.from(planText(plan)));
  return plan;
}

/** Images that have been written, or would have been. */
const earlierOf = ({ written, notRendered }: Generation): number => written.size + notRendered.size;

/** What is written and not in the source any more is compared with nothing. */
function tellGone(
  { written }: Generation,
  images: number,
  writtenAs: (i: number) => object | undefined,
  notice: (sentence: string) => void,
): void {
  let there = 0;
  for (let i = 0; i < images; i++) if (writtenAs(i)) there++;
  if (there < written.size)
    notice(
      `${written.size - there} images that are written already are not in the source now, or cannot be used: near-duplicates of them are not found`,
    );
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Splits that have no image of a class of which others have one: nothing can be measured of it there. */
function withoutClass(splits: Readonly<Record<string, PlanSplit>>, classes: readonly string[]): string[] {
  const all = Object.values(splits);
  return Object.entries(splits).flatMap(([split, { imagesByClass, thinnedByClass }]) => {
    const missing = classes.filter(
      (_, c) =>
        !imagesByClass[c] && !thinnedByClass[c] && all.some((other) => (other.imagesByClass[c] ?? 0) > 0),
    );
    if (missing.length === 0) return [];
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
    return [
      `split '${split}' has no image of ${missing.slice(0, 5).join(', ')}${more}; stratified: true divides each class by the shares`,
    ];
  });
}

function sum(a: PlanSplit, b: PlanSplit): PlanSplit {
  const each = (x: readonly number[], y: readonly number[]) => x.map((n, c) => n + (y[c] ?? 0));
  return {
    images: a.images + b.images,
    samples: a.samples + b.samples,
    shards: a.shards + b.shards,
    byClass: each(a.byClass, b.byClass),
    imagesByClass: each(a.imagesByClass, b.imagesByClass),
    thinnedByClass: each(a.thinnedByClass, b.thinnedByClass),
  };
}

/** Each time anew. */
const ids = (source: Dataset): Iterable<string> => ({
  *[Symbol.iterator]() {
    for (let i = 0; i < source.length; i++) yield source.item(i).id;
  },
});

function* items(source: Dataset, columns: FactColumns) {
  for (let i = 0; i < columns.length; i++)
    yield [source.item(columns.source(i)), { sha256: columns.sha256(i), masks: columns.masks(i) }] as const;
}

/** Of each group one image stays: one that is written already, else the largest, of equal ones the one with the smallest hash. */
function drop(
  source: Dataset,
  columns: FactColumns,
  found: Map<number, number[]>,
  leftOut: LeftOut[],
  written: (i: number) => object | undefined,
): Set<number> {
  const dropped = new Set<number>();
  for (const members of found.values()) {
    const best = members.find(written) ?? members.reduce((a, b) => (better(columns, b, a) ? b : a));
    const kept = source.item(columns.source(best)).id;
    for (const i of members) {
      if (i === best || written(i)) continue;
      dropped.add(i);
      const { id } = source.item(columns.source(i));
      leftOut.push({ id, by: 'near-duplicate', reason: `it is a near-duplicate of ${kept}, which is kept` });
    }
  }
  return dropped;
}

function better(columns: FactColumns, a: number, b: number): boolean {
  const [x, y] = [columns.at(a), columns.at(b)];
  const larger = x.width * x.height - y.width * y.height || x.bytes - y.bytes;
  return larger === 0 ? x.sha256 < y.sha256 : larger > 0;
}

/** Near-duplicates, and relatives by the user's word. */
function related(source: Dataset, columns: FactColumns, alike: Groups, { group }: Prepared): Groups {
  if (!group) return alike;
  alike.joinBy((i) => {
    const item = source.item(columns.source(i));
    const text: unknown = group({ id: item.id, label: item.label });
    if (text === undefined || typeof text === 'string') return text;
    throw new RxaugError(
      `prepare: group: expected a text or undefined for ${item.id} but it returned ${typeof text}; return a text`,
    );
  });
  return alike;
}

/** What decides where a group goes: the user's word for it, which stays when frames are added, else the bytes. */
function groupKeys(source: Dataset, columns: FactColumns, { group }: Prepared): (i: number) => string {
  if (!group) return (i) => columns.sha256(i);
  return (i) => {
    const { id, label } = source.item(columns.source(i));
    return group({ id, label }) ?? columns.sha256(i);
  };
}

/** Pairs of relatives that would lie on two sides if each image were split on its own. */
function leaks(
  source: Dataset,
  columns: FactColumns,
  found: Map<number, number[]>,
  shares: Readonly<Record<string, number>>,
  seed: number,
): number {
  const side = keyedSplit(shares, seed);
  let pairs = 0;
  for (const members of found.values()) {
    const counts = new Map<number, number>();
    // Equal bytes have equal hashes: they differ by their names, as a split by names would.
    for (const i of members) {
      const s = side(nameOf(source, columns, i));
      counts.set(s, (counts.get(s) ?? 0) + 1);
    }
    const same = [...counts.values()].reduce((sum, n) => sum + n * n, 0);
    pairs += (members.length * members.length - same) / 2;
  }
  return pairs;
}

/** Near-duplicates; a group that lies in several splits, for it was joined too late, names them all. */
function* groupLines(
  source: Dataset,
  columns: FactColumns,
  found: Map<number, number[]>,
  numberOf: (i: number) => number,
  split: Uint8Array,
  names: readonly string[],
) {
  for (const members of found.values()) {
    const images = members.map((i) => source.item(columns.source(i)).id);
    const splits = [...new Set(members.map((i) => names[split[i] as number] as string))];
    yield { group: numberOf(members[0] as number), split: splits.join(', '), images };
  }
}
