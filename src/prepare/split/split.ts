/** Which part of the output each image goes to: by group, keyed, and the same however much is added later. */
import { z } from 'zod';
import { expected, parseOptions, show, UsageError } from '../../core/index.js';
import { fold, type Key, keyOf, tag } from '../../core/random.js';
import { keyedUniform } from './keyed.js';
import { settle } from './split-earlier.js';
import { fillExactly } from './split-exact.js';
import { type Merge, type SplitRows, UNSET } from './split-rows.js';

/** Names become parts of file names, `train-000000.tar`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

export const splitSchema = z.strictObject({
  /** Share of the groups by the name of the split: each above 0, together 1. */
  shares: z.record(z.string(), z.number().positive().max(1)),
  /** Key of the assignment. */
  seed: z.int().min(0).default(0),
  /**
   * False: each group goes where its own key says, so shares of a class vary as coin tosses do and what is added moves
   * nothing. True: shares of each class hold to within one group, and only an earlier assignment keeps what was there
   * in its place.
   */
  exact: z.boolean().default(false),
  /**
   * Where additions join groups that earlier went to different splits: 'move' takes all of the younger side to the older
   * one, so that no group crosses; 'keep' leaves every image that has been written where it is, and the rest of the group
   * goes to the older side. Both are reported.
   */
  merges: z.enum(['move', 'keep']).default('move'),
});

/** Options of `splitGroups`: `shares`, `seed`, `exact`, `merges`. */
export type SplitOptions = z.input<typeof splitSchema>;

/** Who went where. */
export interface Split {
  /** Names in the order of the given shares. */
  readonly names: readonly string[];
  /** Number of the name, by image. */
  readonly split: Uint8Array;
  /** Groups that an earlier run had put into different splits, and what was done. */
  readonly merges: readonly Merge[];
}

/**
 * Divides groups of images into named splits. A group goes where `(seed, group key)` says, and the key is the smallest of
 * its images' keys: neither order nor number nor names of other images matter. So adding images moves none that are there, but
 * for those whose own group grew a smaller key or joined another; give `earlier` to keep these too.
 *
 * Weighted rendezvous hashing (Schindelhauer and Schomaker, "Weighted distributed hash tables", SPAA 2005): the split s
 * with the least `-ln(u_s) / share_s` wins, where u_s is uniform in (0, 1) and keyed by seed, s and the group. So the order
 * of the shares does not matter either, and a share that grows takes images from others while none move between those.
 *
 * No assignment that moves nothing can hold the shares of a class better than by chance: it would have to look at the
 * other images. A class of n groups has a share of `s ± 2 √(s (1 - s) / n)` in 95 of 100 cases.
 *
 * @throws UsageError for shares out of range, and for an earlier split that is not among them
 * @example
 * const group = Uint32Array.of(0, 1, 1);
 * const { names, split } = splitGroups({ length: 3, group, key: (i) => 'abc'[i] }, { shares: { train: 0.8, val: 0.2 } });
 * split[1] === split[2] // → true
 */
export function splitGroups(rows: SplitRows, options: SplitOptions): Split {
  const o = parseOptions('split', splitSchema, options);
  const names = Object.keys(o.shares);
  const shares = Object.values(o.shares);
  const keyed = keyedSplit(o.shares, o.seed);
  if (rows.group.length !== rows.length)
    throw new UsageError(expected('split', `${rows.length} group numbers`, rows.group.length));
  const firsts = firstOfGroups(rows);
  const keyOfGroup = (g: number) => rows.key(firsts[g] as number);
  const settled = settle(rows, names, firsts.length);
  const home = settled.home;
  if (o.exact) fillExactly(rows, firsts.length, keyOfGroup, shares, home, fold(rootOf(o.seed), tag('order')));
  else for (let g = 0; g < firsts.length; g++) if (home[g] === UNSET) home[g] = keyed(keyOfGroup(g));
  const split = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const old = o.merges === 'keep' ? rows.earlier?.(i) : undefined;
    split[i] = old ? names.indexOf(old.split) : (home[rows.group[i] as number] as number);
  }
  return { names, split, merges: settled.merges };
}

/**
 * The rule of `splitGroups` for one group: from its key to the number of its split, in the order of `shares`. It looks at
 * nothing else, so any machine may ask it for any part of the data.
 *
 * @throws UsageError for shares out of range
 */
export function keyedSplit(shares: Readonly<Record<string, number>>, seed = 0): (groupKey: string) => number {
  const names = Object.keys(shares);
  const weights = Object.values(shares);
  checkShares(names, weights);
  const roots = names.map((name) => fold(rootOf(seed), tag(name)));
  return (groupKey) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let s = 0; s < roots.length; s++) {
      const score = -Math.log(keyedUniform(roots[s] as Key, groupKey)) / (weights[s] as number);
      if (score < least) [best, least] = [s, score];
    }
    return best;
  };
}

const rootOf = (seed: number): Key => fold(keyOf(seed), tag('prepare-split'));

/** The image of each group whose key is the smallest, by UTF-16 code units: four bytes a group, where keys would be a hundred. */
function firstOfGroups({ length, group, key }: SplitRows): Uint32Array {
  let count = 0;
  for (let i = 0; i < length; i++) count = Math.max(count, (group[i] as number) + 1);
  if (count > length) throw gap(group, length, count);
  const first = new Uint32Array(count).fill(length);
  for (let i = 0; i < length; i++) {
    const g = group[i] as number;
    const known = first[g] as number;
    if (known === length || key(i) < key(known)) first[g] = i;
  }
  if (first.includes(length)) throw gap(group, length, count);
  return first;
}

function gap(group: Uint32Array, length: number, count: number): UsageError {
  const there = new Set(group.subarray(0, length));
  let g = 0;
  while (there.has(g)) g++;
  return new UsageError(`split: no image is in group ${g} of ${count}; number the groups without gaps`);
}

function checkShares(names: readonly string[], shares: readonly number[]): void {
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined)
    throw new UsageError(
      expected('split: the name of a split', 'letters, digits, _ and -', wrong, 'rename it'),
    );
  if (names.length === 0 || names.length >= UNSET)
    throw new UsageError(expected('split: shares', `1..${UNSET - 1} splits`, names.length));
  const sum = shares.reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) <= 1e-6) return;
  const given = Object.fromEntries(names.map((name, s) => [name, shares[s]]));
  throw new UsageError(`split: expected shares that add up to 1 but received ${show(given)}; change one`);
}
