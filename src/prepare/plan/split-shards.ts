/** The shards of one split: copies of its images, their order, and the files of their rows. */
import { createHash } from 'node:crypto';
import { type Dataset, type Item, showNames } from '../../core/index.js';
import { fold, keyOf, permuted, tag } from '../../core/random.js';
import type { Store } from '../../io/store/store.js';
import type { OutputSchema } from '../../io/write/output.js';
import { type Balanced, balanceCopies } from '../balance.js';
import type { Rules } from '../definition.js';
import { generatedRow } from '../generate/generated-row.js';
import type { FactColumns } from './columns.js';
import type { LeftOut } from './kept.js';
import { keyOfImage } from './keys.js';
import { type PlanRow, type PlanShard, type PlanSplit, rowLine, rowsFile } from './plan.js';

/** What the shards of all splits are made of. */
export interface Shared {
  readonly source: Dataset;
  readonly columns: FactColumns;
  readonly rules: Rules;
  readonly schema: OutputSchema;
  readonly seed: number;
  readonly store: Store;
  readonly leftOut: LeftOut[];
  /** The group of an image that is not alone. */
  readonly groupOf: (i: number) => number | undefined;
  readonly signal: AbortSignal;
  readonly notice: (sentence: string) => void;
}

/**
 * Writes the rows of a split.
 *
 * @param mine images of the split, by their place in the columns
 * @param first number of its first shard: those before it are of earlier generations
 */
export async function planSplit(
  shared: Shared,
  split: string,
  mine: Uint32Array,
  first: number,
  progress: (share: number) => void,
): Promise<PlanSplit & { readonly planned: readonly PlanShard[] }> {
  const { source, columns, rules, schema, seed, store, groupOf, signal } = shared;
  const augmented = rules.augmented.includes(split);
  const copies = copiesOf(shared, mine, augmented);
  const entries = entriesOf(mine, copies);
  const total = entries.image.length;
  const count = Math.ceil(total / rules.shardSize);
  const byClass = new Array<number>(schema.classes.length).fill(0);
  const order = fold(keyOf(seed), tag('prepare-order'), tag(split), first);
  const planned: PlanShard[] = [];
  for (let n = 0; n < count; n++) {
    signal.throwIfAborted();
    const lines: string[] = [];
    const end = Math.min(total, (n + 1) * rules.shardSize);
    for (let p = n * rules.shardSize; p < end; p++) {
      const at = rules.shuffle ? permuted(order, total, p) : p;
      const i = entries.image[at] as number;
      const copy = entries.copy[at] as number;
      const drawn = augmented && !(copy === 0 && rules.keepOriginal);
      const copies = entries.copies[at] as number;
      const row = generatedRow(rowOf(source, columns, i, copy, copies, drawn, groupOf(i)), rules, seed);
      if (typeof row.label === 'number') byClass[row.label] = (byClass[row.label] ?? 0) + 1;
      lines.push(rowLine(row));
    }
    const text = Buffer.from(lines.join(''));
    const sha256 = createHash('sha256').update(text).digest('hex');
    const shard = { split, index: first + n, samples: lines.length, sha256 };
    await store.replace(rowsFile(shard), text);
    planned.push(shard);
    progress((n + 1) / count);
  }
  const imagesByClass = new Array<number>(schema.classes.length).fill(0);
  const thinnedByClass = new Array<number>(schema.classes.length).fill(0);
  labelsOf(source, columns, mine).forEach((c, m) => {
    const counts = copies[m] === 0 ? thinnedByClass : imagesByClass;
    if (c >= 0) counts[c] = (counts[c] ?? 0) + 1;
  });
  const images = copies.reduce((sum, n) => sum + Math.min(1, n), 0);
  return { images, samples: total, shards: count, byClass, imagesByClass, thinnedByClass, planned };
}

/** Of an image, unique and lasting: its bytes and its id. */
export const nameOf = (source: Dataset, columns: FactColumns, i: number): string =>
  `${columns.sha256(i)} ${source.item(columns.source(i)).id}`;

const labelOf = ({ label }: Item) => (typeof label === 'number' ? label : -1);

/** Class numbers, −1 for a distribution; of all images, or of some. */
export const labelsOf = (source: Dataset, columns: FactColumns, mine?: Uint32Array): Int32Array =>
  Int32Array.from({ length: mine?.length ?? columns.length }, (_, i) =>
    labelOf(source.item(columns.source(mine ? (mine[i] as number) : i))),
  );

/** How often each image is written. */
function copiesOf(
  { source, columns, rules, schema, seed, leftOut, notice }: Shared,
  mine: Uint32Array,
  augmented: boolean,
): Uint32Array {
  if (!augmented) return new Uint32Array(mine.length).fill(1);
  const rows = {
    length: mine.length,
    classes: schema.classes,
    label: labelsOf(source, columns, mine),
    // Equal bytes differ by their names: the place in the source is another when images are added.
    key: (i: number) => nameOf(source, columns, mine[i] as number),
  };
  const { copies, classes }: Balanced = balanceCopies(rows, { ...rules.balance, seed });
  const short = classes.filter((one) => one.short > 0).map(({ name }) => name);
  if (short.length > 0)
    notice(`balance: classes stay smaller than asked, for most allows no more copies: ${showNames(short)}`);
  copies.forEach((n, i) => {
    if (n > 0) return;
    const { id } = source.item(columns.source(mine[i] as number));
    leftOut.push({ id, by: 'balance', reason: 'its class is thinned out by balance: factors' });
  });
  return copies.map((n) => n * rules.copies);
}

/** Image and copy of each sample, and how many copies there are, image by image. */
function entriesOf(mine: Uint32Array, each: Uint32Array): Record<'image' | 'copy' | 'copies', Uint32Array> {
  const total = each.reduce((sum, n) => sum + n, 0);
  const image = new Uint32Array(total);
  const copy = new Uint32Array(total);
  const copies = new Uint32Array(total);
  let at = 0;
  mine.forEach((i, m) => {
    for (let c = 0; c < (each[m] as number); c++, at++) {
      image[at] = i;
      copy[at] = c;
      copies[at] = each[m] as number;
    }
  });
  return { image, copy, copies };
}

function rowOf(
  source: Dataset,
  columns: FactColumns,
  i: number,
  copy: number,
  copies: number,
  augmented: boolean,
  group: number | undefined,
): PlanRow {
  const { id, image, label, targets } = source.item(columns.source(i));
  const { sha256, masks, width, height, format, plain } = columns.at(i);
  return {
    key: `${keyOfImage(id)}-${copy}`,
    ...{ id, image, sha256, width, height, format, plain, label },
    ...(masks && { masks }),
    ...(targets && { targets }),
    ...{ copy, augmented },
    ...(copies > 1 && { copies }),
    ...(group !== undefined && { group }),
  };
}
