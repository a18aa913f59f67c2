/** Makes a plan of what was scanned: groups, splits, copies, order and shards, and writes it. */
import { createHash } from 'node:crypto';
import { type Dataset, type Item, RxaugError } from '../../core/index.js';
import { fold, keyOf, permuted, tag } from '../../core/random.js';
import type { Store } from '../../io/store/store.js';
import type { OutputSchema } from '../../io/write/output.js';
import { type Balanced, balanceCopies } from '../balance.js';
import type { Prepared } from '../definition.js';
import { families, Groups } from '../groups.js';
import { jsonl } from '../jsonl.js';
import { keyedSplit, type Split, splitGroups } from '../split.js';
import type { Versions } from '../versions.js';
import type { FactColumns } from './columns.js';
import type { Kept, LeftOut } from './kept.js';
import { checkUnique, keyOfImage } from './keys.js';
import {
  GROUPS,
  LEFT_OUT,
  PLAN,
  type Plan,
  type PlanRow,
  type PlanShard,
  planText,
  rowLine,
  rowsFile,
  sealed,
} from './plan.js';

export interface Planning {
  readonly name: string;
  readonly source: Dataset;
  readonly kept: Kept;
  /** SHA-256 of the scan. */
  readonly scanned: string;
  readonly prepared: Prepared;
  readonly schema: OutputSchema;
  readonly seed: number;
  readonly versions: Versions;
  readonly store: Store;
  /** Group of near-duplicates of each image that is kept; undefined where they were not looked for. */
  readonly near: Uint32Array | undefined;
  readonly progress: (line: string, share: number) => void;
  readonly signal: AbortSignal;
}

/** Writes rows and lists, and at last the plan itself, which makes them valid. */
export async function planAll(planning: Planning): Promise<Plan> {
  const { source, kept, prepared, schema, store, seed, progress } = planning;
  const { rules } = prepared;
  const leftOut = [...kept.leftOut];
  const { columns } = kept;
  checkUnique(ids(source, columns), columns.length);
  const alike = new Groups(columns.length);
  if (rules.nearDuplicates !== 'ignore') {
    alike.joinBy((i) => columns.sha256(i));
    alike.joinBy((i) => (planning.near ? String(planning.near[i]) : undefined));
  }
  const found = families(alike.numbered());
  const nearImages = [...found.values()].reduce((sum, { length }) => sum + length, 0);
  const dropped = rules.nearDuplicates === 'drop' ? drop(source, columns, found, leftOut) : new Set<number>();
  const relatives = related(source, columns, alike, prepared);
  const group = relatives.numbered();
  const { names, split } = divided(source, columns, group, planning);
  const leaksPrevented = leaks(columns, families(group), rules.split, seed);
  const shards: PlanShard[] = [];
  const splits: Record<string, Plan['splits'][string]> = {};
  const alone = new Set<number>(families(group).keys());
  for (const [s, name] of names.entries()) {
    const mine = Uint32Array.from({ length: columns.length }, (_, i) => i).filter(
      (i) => split[i] === s && !dropped.has(i),
    );
    const augmented = rules.augmented.includes(name);
    const copies = copiesOf(source, columns, mine, augmented, planning, leftOut);
    const entries = entriesOf(mine, copies);
    const total = entries.image.length;
    const count = Math.ceil(total / rules.shardSize);
    const byClass = new Array<number>(schema.classes.length).fill(0);
    const order = fold(keyOf(seed), tag('prepare-order'), tag(name));
    for (let index = 0; index < count; index++) {
      planning.signal.throwIfAborted();
      const lines: string[] = [];
      const end = Math.min(total, (index + 1) * rules.shardSize);
      for (let p = index * rules.shardSize; p < end; p++) {
        const at = rules.shuffle ? permuted(order, total, p) : p;
        const i = entries.image[at] as number;
        const copy = entries.copy[at] as number;
        const row = rowOf(
          source,
          columns,
          i,
          copy,
          augmented && !(copy === 0 && rules.keepOriginal),
          alone.has(group[i] as number) ? group[i] : undefined,
        );
        if (typeof row.label === 'number') byClass[row.label] = (byClass[row.label] ?? 0) + 1;
        lines.push(rowLine(row));
      }
      const text = Buffer.from(lines.join(''));
      const shard = { split: name, index, samples: lines.length, sha256: sha256(text) };
      await store.replace(rowsFile(shard), text);
      shards.push(shard);
      progress(`planned ${shards.length} shards`, (s + (index + 1) / count) / names.length);
    }
    const imagesByClass = new Array<number>(schema.classes.length).fill(0);
    for (const c of labelsOf(source, columns, mine))
      if (c >= 0) imagesByClass[c] = (imagesByClass[c] ?? 0) + 1;
    splits[name] = { images: mine.length, samples: total, shards: count, byClass, imagesByClass };
  }
  if (shards.length === 0) {
    const [first] = leftOut;
    throw new RxaugError(
      `prepare: no image is left${first ? `; the first of ${leftOut.length} that were left out: ${first.reason}` : ''}`,
    );
  }
  const refused: Record<string, number> = {};
  for (const { by } of leftOut) refused[by] = (refused[by] ?? 0) + 1;
  await store.replace(LEFT_OUT, jsonl(leftOut));
  await store.replace(GROUPS, jsonl(groupLines(source, columns, group, split, names)));
  const plan = sealed({
    rxaug: 'plan',
    version: 1,
    name: planning.name,
    seed,
    rules,
    source: { name: source.name, images: source.length, sha256: planning.scanned },
    schema,
    splits,
    shards,
    refused,
    near: { groups: found.size, images: nearImages, leaksPrevented, dropped: dropped.size },
    versions: planning.versions,
  });
  await store.replace(PLAN, Buffer.from(planText(plan)));
  return plan;
}

function* ids(source: Dataset, columns: FactColumns): Generator<string> {
  for (let i = 0; i < columns.length; i++) yield source.item(columns.source(i)).id;
}

/** Of each group one image stays: the largest, of equal ones the one with the smallest hash. */
function drop(
  source: Dataset,
  columns: FactColumns,
  found: Map<number, number[]>,
  leftOut: LeftOut[],
): Set<number> {
  const dropped = new Set<number>();
  for (const members of found.values()) {
    const best = members.reduce((a, b) => (better(columns, b, a) ? b : a));
    const kept = source.item(columns.source(best)).id;
    for (const i of members) {
      if (i === best) continue;
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

function divided(
  source: Dataset,
  columns: FactColumns,
  group: Uint32Array,
  { prepared: { rules }, seed }: Planning,
): Split {
  const label = rules.stratified ? labelsOf(source, columns) : undefined;
  return splitGroups(
    { length: columns.length, group, key: (i) => columns.sha256(i), label },
    { shares: rules.split, seed, exact: rules.stratified },
  );
}

const labelOf = ({ label }: Item) => (typeof label === 'number' ? label : -1);

const labelsOf = (source: Dataset, columns: FactColumns, mine?: Uint32Array): Int32Array =>
  Int32Array.from({ length: mine?.length ?? columns.length }, (_, i) =>
    labelOf(source.item(columns.source(mine ? (mine[i] as number) : i))),
  );

/** Pairs of relatives that would lie on two sides if each image were split on its own. */
function leaks(
  columns: FactColumns,
  found: Map<number, number[]>,
  shares: Readonly<Record<string, number>>,
  seed: number,
): number {
  const side = keyedSplit(shares, seed);
  let pairs = 0;
  for (const members of found.values()) {
    const counts = new Map<number, number>();
    // Equal bytes have equal keys: the place of the file tells them apart, as a split by names would.
    for (const i of members) {
      const s = side(`${columns.sha256(i)} ${columns.source(i)}`);
      counts.set(s, (counts.get(s) ?? 0) + 1);
    }
    const same = [...counts.values()].reduce((sum, n) => sum + n * n, 0);
    pairs += (members.length * members.length - same) / 2;
  }
  return pairs;
}

function copiesOf(
  source: Dataset,
  columns: FactColumns,
  mine: Uint32Array,
  augmented: boolean,
  { prepared: { rules }, schema, seed }: Planning,
  leftOut: LeftOut[],
): Uint32Array {
  if (!augmented) return new Uint32Array(mine.length).fill(1);
  const rows = {
    length: mine.length,
    classes: schema.classes,
    label: labelsOf(source, columns, mine),
    key: (i: number) => `${columns.sha256(mine[i] as number)} ${columns.source(mine[i] as number)}`,
  };
  const { copies }: Balanced = balanceCopies(rows, { ...rules.balance, seed });
  copies.forEach((n, i) => {
    if (n > 0) return;
    const { id } = source.item(columns.source(mine[i] as number));
    leftOut.push({ id, by: 'balance', reason: 'its class is thinned out by balance: factors' });
  });
  return copies.map((n) => n * rules.copies);
}

/** Image and copy of each sample, image by image. */
function entriesOf(mine: Uint32Array, copies: Uint32Array): { image: Uint32Array; copy: Uint32Array } {
  const total = copies.reduce((sum, n) => sum + n, 0);
  const image = new Uint32Array(total);
  const copy = new Uint32Array(total);
  let at = 0;
  mine.forEach((i, m) => {
    for (let c = 0; c < (copies[m] as number); c++, at++) {
      image[at] = i;
      copy[at] = c;
    }
  });
  return { image, copy };
}

function rowOf(
  source: Dataset,
  columns: FactColumns,
  i: number,
  copy: number,
  augmented: boolean,
  group: number | undefined,
): PlanRow {
  const { id, image, label, targets } = source.item(columns.source(i));
  const { sha256, width, height, format, plain } = columns.at(i);
  return {
    key: `${keyOfImage(id)}-${copy}`,
    ...{ id, image, sha256, width, height, format, plain, label },
    ...(targets && { targets }),
    ...{ copy, augmented },
    ...(group !== undefined && { group }),
  };
}

function* groupLines(
  source: Dataset,
  columns: FactColumns,
  group: Uint32Array,
  split: Uint8Array,
  names: readonly string[],
) {
  for (const [number, members] of families(group)) {
    const images = members.map((i) => source.item(columns.source(i)).id);
    yield { group: number, split: names[split[members[0] as number] as number], images };
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
