/** Pairs of images whose hashes meet, before any look at what they show. */
import type { BandIndex } from './band-index.js';
import { VARIANTS, variantHashes } from './variants.js';

/** Images whose hash one variant or another of `image` meets, nearest first. */
export interface Candidates {
  readonly ids: readonly number[];
  /** For each the number in `VARIANTS` that met it. */
  readonly variants: readonly number[];
  /** More were met than are given. */
  readonly crowded: boolean;
}

const high = new Uint32Array(VARIANTS.length);
const low = new Uint32Array(VARIANTS.length);

/**
 * The candidates of one image: a pure function of the index and the image, so any worker may ask for any part of them.
 *
 * @param most nearest ones that are given; of equal distances those with the lowest number
 */
export function candidatesOf(
  index: BandIndex,
  image: number,
  thumbnail: Uint8Array,
  most: number,
): Candidates {
  variantHashes(thumbnail, high, low);
  const met = new Map<number, number>();
  let variant = 0;
  const note = (id: number, distance: number) => {
    if (id === image) return;
    const value = distance * VARIANTS.length + variant;
    const known = met.get(id);
    if (known === undefined || value < known) met.set(id, value);
  };
  for (; variant < VARIANTS.length; variant++)
    index.query(high[variant] as number, low[variant] as number, note);
  let nearest = [...met];
  const crowded = nearest.length > most;
  if (crowded) nearest = nearest.sort((a, b) => distanceOf(a) - distanceOf(b) || a[0] - b[0]).slice(0, most);
  return {
    ids: nearest.map(([id]) => id),
    variants: nearest.map(([, value]) => value % VARIANTS.length),
    crowded,
  };
}

const distanceOf = ([, value]: readonly [number, number]) => Math.floor(value / VARIANTS.length);
