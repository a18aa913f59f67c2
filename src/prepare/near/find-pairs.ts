/** All pairs of images that look alike. */
import { setImmediate } from 'node:timers/promises';
import { pHash } from '../measure/hashes.js';
import { BandIndex } from './band-index.js';
import { candidatesOf } from './candidates.js';
import { isFeatureless, likeness } from './likeness.js';
import { type NearRows, PairList, type Pairs } from './near-rows.js';
import { VARIANTS, type Variant } from './variants.js';

/** Where hashes may meet: of planted copies all but a few in a thousand are within it. */
const RADIUS = 8;

export interface FindOptions {
  /** From here on two images are near-duplicates, 0.5..1: the correlation of their details. Default 0.9. */
  readonly alike?: number;
  /** Candidates of one image that are looked at, the nearest ones. Default 64. */
  readonly most?: number;
  readonly signal?: AbortSignal;
  /** Called now and then with the number of images that are done. */
  readonly progress?: (done: number) => void;
}

/** The pairs, and what was left out of the comparison. */
export interface Found {
  readonly pairs: Pairs;
  /** Images with too little to see, which are compared by their bytes alone. */
  readonly featureless: readonly number[];
  /** Images of which only the nearest candidates were looked at. */
  readonly crowded: readonly number[];
  /** Hash comparisons and looks at two thumbnails, for measurements. */
  readonly work: { readonly compared: number; readonly looks: number };
}

/** Images between two looks at the clock. */
const STRIDE = 256;

/**
 * Pairs of images that show the same: equal bytes, or copies that were resized, re-encoded, brightened, mirrored, or cropped by up
 * to about a tenth. The pHash of each image is indexed; each image then asks for its own hash and those it would have cropped
 * and mirrored (22 in all, within 8 of 64 bits), and what they meet is compared by the details of both thumbnails.
 *
 * The order of the images does not matter: ties are decided by their keys.
 */
export async function findPairs(rows: NearRows, options: FindOptions = {}): Promise<Found> {
  const { alike = 0.9, most = 64, signal, progress } = options;
  const pairs = new PairList();
  // From here on images are numbered in the order of their keys, and only the first of equal ones is looked at.
  const byKey = inOrderOfKeys(rows);
  const [firsts, featureless] = firstsOf(rows, byKey, pairs);
  const n = firsts.length;
  const thumbnail = (r: number) => rows.thumbnail(firsts[r] as number);
  const [high, low] = [new Uint32Array(n), new Uint32Array(n)];
  for (let r = 0; r < n; r++) {
    const hash = pHash(thumbnail(r));
    high[r] = hash.high;
    low[r] = hash.low;
    if (r % STRIDE === 0) await breathe(signal);
  }
  const index = new BandIndex(high, low, RADIUS);
  const crowded: number[] = [];
  let looks = 0;
  for (let r = 0; r < n; r++) {
    const one = thumbnail(r);
    const met = candidatesOf(index, r, one, most);
    if (met.crowded) crowded.push(firsts[r] as number);
    for (const [c, id] of met.ids.entries()) {
      looks++;
      const value = likeness(one, thumbnail(id), VARIANTS[met.variants[c] as number] as Variant, alike);
      if (value >= alike) pairs.add(firsts[r] as number, firsts[id] as number, value);
    }
    if (r % STRIDE === 0) {
      progress?.(r);
      await breathe(signal);
    }
  }
  const rank = ranksOf(byKey);
  return {
    pairs: onceEach(pairs, rank),
    featureless,
    crowded: crowded.sort((a, b) => a - b),
    work: { compared: index.compared, looks },
  };
}

async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

function inOrderOfKeys({ length, key }: NearRows): Uint32Array {
  const keys = Array.from({ length }, (_, i) => key(i));
  return Uint32Array.from({ length }, (_, i) => i).sort((a, b) => {
    const [x, y] = [keys[a] as string, keys[b] as string];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
}

function ranksOf(order: Uint32Array): Uint32Array {
  const rank = new Uint32Array(order.length);
  for (let r = 0; r < order.length; r++) rank[order[r] as number] = r;
  return rank;
}

/** Of images with equal keys the first, where it shows something; the others are paired with it. */
function firstsOf(rows: NearRows, byKey: Uint32Array, pairs: PairList): [Uint32Array, number[]] {
  const firsts: number[] = [];
  const featureless: number[] = [];
  let [first, key] = [-1, ''];
  for (const i of byKey) {
    const own = rows.key(i);
    if (first >= 0 && own === key) {
      pairs.add(first, i, 1);
      continue;
    }
    [first, key] = [i, own];
    if (isFeatureless(rows.thumbnail(i))) featureless.push(i);
    else firsts.push(i);
  }
  return [Uint32Array.from(firsts), featureless.sort((a, b) => a - b)];
}

/** Each pair once, found from one side or from both, the lower key first; most alike pairs first. */
function onceEach(pairs: PairList, rank: Uint32Array): Pairs {
  const upright = new PairList();
  for (let p = 0; p < pairs.length; p++) {
    const [a, b] = [pairs.one[p] as number, pairs.other[p] as number];
    const turned = (rank[a] as number) > (rank[b] as number);
    upright.add(turned ? b : a, turned ? a : b, pairs.likeness[p] as number);
  }
  const byPair = (list: Pairs, a: number, b: number) =>
    at(rank, at(list.one, a)) - at(rank, at(list.one, b)) ||
    at(rank, at(list.other, a)) - at(rank, at(list.other, b));
  const likest = (list: Pairs, a: number, b: number) => at(list.likeness, b) - at(list.likeness, a);
  const found = upright.sorted((a, b) => byPair(upright, a, b) || likest(upright, a, b));
  const once = new PairList();
  for (let p = 0; p < found.length; p++)
    if (p === 0 || byPair(found, p - 1, p) !== 0)
      once.add(at(found.one, p), at(found.other, p), at(found.likeness, p));
  return once.sorted((a, b) => likest(once, a, b) || byPair(once, a, b));
}

const at = (column: Uint32Array | Float32Array, i: number): number => column[i] as number;
