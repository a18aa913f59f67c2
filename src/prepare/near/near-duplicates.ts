/** Groups of near-duplicates. */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { distance, pHash } from '../measure/hashes.js';
import { type Found, findPairs } from './find-pairs.js';
import { type Groups, groupPairs } from './groups.js';
import { likeness } from './likeness.js';
import type { NearRows, Pairs } from './near-rows.js';
import { VARIANTS, type Variant, variantHashes } from './variants.js';

export const nearSchema = z.strictObject({
  /**
   * From here on two images are near-duplicates: the correlation of their details. Copies have 0.9 and more, different
   * photos 0.5 and less.
   */
  alike: z.number().min(0.5).max(1).default(0.9),
  /** Candidates of one image that are looked at, the nearest ones; images that had more are named. */
  most: z.int().min(1).max(10_000).default(64),
  /** Groups up to this many images may be chains; larger ones are held together by a center. */
  free: z.int().min(2).default(100),
});

/** Options of `nearDuplicates`: `alike`, `most`, `free`. */
export type NearOptions = z.input<typeof nearSchema>;

/** Groups, the pairs that made them, and what was left out. */
export interface NearDuplicates extends Groups, Omit<Found, 'work'> {
  readonly pairs: Pairs;
  readonly work: Found['work'];
}

/** In a group larger than `free`, every image is at least so alike its center. */
const RELATED = 0.6;

/**
 * Groups of images that show the same: equal bytes, or copies that were resized, re-encoded, brightened, mirrored, or
 * cropped by up to about a tenth. See `findPairs` and `groupPairs` for how; neither depends on the order of the images.
 *
 * @throws UsageError for bad options; what `signal` was aborted with
 */
export async function nearDuplicates(
  rows: NearRows,
  options: NearOptions = {},
  watch: { readonly signal?: AbortSignal; readonly progress?: (done: number) => void } = {},
): Promise<NearDuplicates> {
  const { alike, most, free } = parseOptions('near-duplicates', nearSchema, options);
  const found = await findPairs(rows, { alike, most, ...watch });
  const related = (a: number, b: number) => relation(rows.thumbnail(a), rows.thumbnail(b)) >= RELATED;
  return { ...found, ...groupPairs(rows.length, found.pairs, { free, related }) };
}

/** How alike two thumbnails are, whatever their hashes: the variant of either one that comes nearest to the other is tried. */
function relation(a: Uint8Array, b: Uint8Array): number {
  return Math.max(likeness(a, b, nearest(a, b), RELATED), likeness(b, a, nearest(b, a), RELATED));
}

function nearest(one: Uint8Array, other: Uint8Array): Variant {
  const [high, low] = [new Uint32Array(VARIANTS.length), new Uint32Array(VARIANTS.length)];
  variantHashes(one, high, low);
  const wanted = pHash(other);
  const distances = VARIANTS.map((_, v) =>
    distance(wanted, { high: high[v] as number, low: low[v] as number }),
  );
  return VARIANTS[distances.indexOf(Math.min(...distances))] as Variant;
}
