/** Pairs made groups, without chains that would take in everything. */
import type { Pairs } from './near-rows.js';

export interface GroupOptions {
  /** Groups up to this many images may be chains, one link like the next and the last unlike the first. Default 100. */
  readonly free?: number;
  /** Whether two images are alike at a glance: what holds the groups together that are larger. */
  readonly related: (one: number, other: number) => boolean;
}

/** Groups of images. */
export interface Groups {
  /** Number of each image's group, 0..count-1, in the order of their first images. */
  readonly group: Uint32Array;
  readonly count: number;
  /** Numbers of the pairs that were not joined, for their groups would have become one long chain. */
  readonly cut: readonly number[];
}

/**
 * Connected components of pairs by union-find, most alike pairs first, with a guard: a join that makes a group of more than
 * `free` images is made only if the centers of both sides are related. The center of a pair is its first image, and
 * of two groups that of the larger one, so every image of a large group is held by a center that it was joined to. Pairs that are
 * not joined are given back: they are alike and in different groups.
 */
export function groupPairs(length: number, pairs: Pairs, { free = 100, related }: GroupOptions): Groups {
  const parent = Uint32Array.from({ length }, (_, i) => i);
  const size = new Uint32Array(length).fill(1);
  const cut: number[] = [];
  const rootOf = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root] as number;
    for (let at = i; parent[at] !== root; ) {
      const next = parent[at] as number;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  for (let p = 0; p < pairs.length; p++) {
    // The root of a group is its center.
    const a = rootOf(pairs.one[p] as number);
    const b = rootOf(pairs.other[p] as number);
    if (a === b) continue;
    const [one, other] = [size[a] as number, size[b] as number];
    const same = pairs.likeness[p] === 1;
    if (one + other > free && !same && !related(a, b)) {
      cut.push(p);
      continue;
    }
    const [to, from] = one >= other ? [a, b] : [b, a];
    parent[from] = to;
    size[to] = one + other;
  }
  const group = new Uint32Array(length);
  // By root, 1-based: a Map holds no more than 2^24 entries.
  const numbers = new Uint32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const root = rootOf(i);
    if (numbers[root] === 0) numbers[root] = ++count;
    group[i] = (numbers[root] as number) - 1;
  }
  return {
    group,
    count,
    cut: cut.filter((p) => group[pairs.one[p] as number] !== group[pairs.other[p] as number]),
  };
}
