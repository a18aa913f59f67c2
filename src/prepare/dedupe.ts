/** Groups of near-duplicates of data sets, by name: within one, across its splits, and between two. */
import { type NearDuplicates, type NearOptions, nearDuplicates } from './near/near-duplicates.js';
import type { NearRows } from './near/near-rows.js';
import type { Scanned } from './scan-images.js';

/** A data set that was read. */
export interface DedupeSource {
  readonly name: string;
  readonly scanned: Scanned;
  /** Id of an image by its row in `scanned`. */
  id(row: number): string;
}

/** An image of a group. */
export interface Duplicate {
  /** Which of the sources. */
  readonly source: number;
  readonly id: string;
  /** The split that its name tells, 'train', 'val' or 'test', if it tells one. */
  readonly split?: string;
  /** SHA-256 of its bytes. */
  readonly sha256: string;
}

/** Images that show the same. */
export interface DuplicateGroup {
  readonly images: readonly Duplicate[];
  /** True where all have the same bytes. */
  readonly same: boolean;
  /** Splits that its images are in, where these are several: what is learned in one is asked in the other. */
  readonly leak?: readonly string[];
}

export interface Deduped {
  /** Of two images or more; those across splits first, larger ones first. */
  readonly groups: readonly DuplicateGroup[];
  /** Images that were compared by their bytes alone, for they show too little. */
  readonly featureless: readonly Duplicate[];
  /** Images of which only the nearest candidates were looked at. */
  readonly crowded: readonly Duplicate[];
  /** Pairs that look alike and are in different groups, for a chain of them would have joined too many. */
  readonly cut: readonly (readonly [Duplicate, Duplicate])[];
}

/** Groups over one or two data sets. With two, only groups with images of both are given: what one has of the other. */
export async function dedupe(
  sources: readonly DedupeSource[],
  options: NearOptions = {},
  watch: { readonly signal?: AbortSignal; readonly progress?: (done: number) => void } = {},
): Promise<Deduped> {
  const rows = joined(sources.map(({ scanned }) => scanned));
  const near = await nearDuplicates(rows, options, watch);
  const image = (i: number): Duplicate => {
    const [source, row] = rows.place(i);
    const id = (sources[source] as DedupeSource).id(row);
    const split = splitOf(id);
    return { source, id, ...(split && { split }), sha256: rows.key(i) };
  };
  const groups = membersOf(near)
    .map((members) => groupOf(members.map(image)))
    .filter(({ images }) => sources.length === 1 || new Set(images.map(({ source }) => source)).size > 1)
    .sort(
      (a, b) =>
        Number(b.leak !== undefined) - Number(a.leak !== undefined) || b.images.length - a.images.length,
    );
  return {
    groups,
    featureless: near.featureless.map(image),
    crowded: near.crowded.map(image),
    cut: near.cut.map((p) => [image(near.pairs.one[p] as number), image(near.pairs.other[p] as number)]),
  };
}

function groupOf(images: readonly Duplicate[]): DuplicateGroup {
  const splits = [...new Set(images.flatMap(({ split }) => split ?? []))].sort();
  const same = images.every(({ sha256 }) => sha256 === images[0]?.sha256);
  return { images, same, ...(splits.length > 1 && { leak: splits }) };
}

/** Images by group, for groups of two or more, in the order of their first images. */
function membersOf({ group, count }: NearDuplicates): number[][] {
  const size = new Uint32Array(count);
  for (const g of group) size[g] = (size[g] as number) + 1;
  const members = new Map<number, number[]>();
  group.forEach((g, i) => {
    if ((size[g] as number) < 2) return;
    const known = members.get(g);
    if (known) known.push(i);
    else members.set(g, [i]);
  });
  return [...members.values()];
}

/** What folders and archives of splits are called. */
const SPLITS: readonly (readonly [RegExp, string])[] = [
  [/^train(ing)?$/i, 'train'],
  [/^(val|valid|validation|dev)$/i, 'val'],
  [/^(test|testing|eval)$/i, 'test'],
];

/** `train/cat/7.jpg` and `train-000.tar/7.jpg` are of 'train'. */
export function splitOf(id: string): string | undefined {
  const folders = id.split('/').slice(0, -1);
  for (const folder of folders) {
    const word = folder.replace(/\.tar$/, '').replace(/[-_.]?\d+$/, '');
    const found = SPLITS.find(([pattern]) => pattern.test(word));
    if (found) return found[1];
  }
  return undefined;
}

/** The rows of several data sets, one after the other. */
function joined(all: readonly NearRows[]): NearRows & { place(i: number): [source: number, row: number] } {
  const ends: number[] = [];
  for (const { length } of all) ends.push((ends.at(-1) ?? 0) + length);
  const place = (i: number): [number, number] => {
    const source = ends.findIndex((end) => i < end);
    return [source, i - (ends[source - 1] ?? 0)];
  };
  return {
    length: ends.at(-1) ?? 0,
    place,
    key(i) {
      const [source, row] = place(i);
      return (all[source] as NearRows).key(row);
    },
    thumbnail(i) {
      const [source, row] = place(i);
      return (all[source] as NearRows).thumbnail(row);
    },
  };
}
