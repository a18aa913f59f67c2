/** The hashes that an image would have if it were cropped or mirrored, all from its thumbnail. */
import { BLOCK, hashOfBlock, SIDE } from '../measure/hashes.js';

/** A part of a thumbnail, in its pixels: [left, top, right, bottom]. */
export type Part = readonly [left: number, top: number, right: number, bottom: number];

/** Parts of a side: all, either 95 %, the middle 95 %, the middle 90 %. */
const SPANS = [
  [0, 1],
  [0, 0.95],
  [0.05, 1],
  [0.025, 0.975],
  [0.05, 0.95],
].map(([from, to]) => [SIDE * (from as number), SIDE * (to as number)] as const);

/** Pairs of spans, along the height and along the width: all, the nine of 95 %, the middle 90 %. */
const PAIRS = [[0, 0], ...[1, 2, 3].flatMap((y) => [1, 2, 3].map((x) => [y, x])), [4, 4]] as [
  number,
  number,
][];

/** One hash to look for: what part of the image, and whether in a mirror. */
export interface Variant {
  readonly part: Part;
  readonly mirrored: boolean;
}

/** 22 variants, each part as it is and then mirrored. */
export const VARIANTS: readonly Variant[] = PAIRS.flatMap(([y, x]) => {
  const [top, bottom] = SPANS[y] as readonly [number, number];
  const [left, right] = SPANS[x] as readonly [number, number];
  return [false, true].map((mirrored) => ({ part: [left, top, right, bottom] as const, mirrored }));
});

/** [8, 32] for each span: cosines stretched over it, each pixel with the share of it that the span covers. */
const BASES = SPANS.map(([from, to]) => {
  const basis = new Float64Array(BLOCK * SIDE);
  for (let u = 0; u < BLOCK; u++)
    for (let j = 0; j < SIDE; j++) {
      const [low, high] = [Math.max(j, from), Math.min(j + 1, to)];
      if (high <= low) continue;
      const at = ((low + high) / 2 - from) / (to - from);
      basis[u * SIDE + j] = 2 * (high - low) * Math.cos(Math.PI * u * at);
    }
  return basis;
});

/** [5, 8, 32]: what the spans of the height leave of the thumbnail, for the spans of the width to take up. */
const halves = BASES.map(() => new Float64Array(BLOCK * SIDE));
const block = new Float64Array(BLOCK * BLOCK);

/**
 * pHash of each variant into `high` and `low`, of 22 each: the lowest frequencies of a part are products of the thumbnail with
 * cosines stretched over the part, so nothing is resampled; a mirror turns the sign of odd ones.
 */
export function variantHashes(thumbnail: Uint8Array, high: Uint32Array, low: Uint32Array): void {
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) turned[x * SIDE + y] = thumbnail[y * SIDE + x] as number;
  for (let s = 0; s < BASES.length; s++) alongHeight(BASES[s] as Float64Array, halves[s] as Float64Array);
  for (let p = 0; p < PAIRS.length; p++) {
    const [y, x] = PAIRS[p] as [number, number];
    alongWidth(halves[y] as Float64Array, BASES[x] as Float64Array);
    for (let mirrored = 0; mirrored < 2; mirrored++) {
      const hash = hashOfBlock(block, mirrored === 1);
      high[2 * p + mirrored] = hash.high;
      low[2 * p + mirrored] = hash.low;
    }
  }
}

/** The thumbnail by columns: sums run along memory. */
const turned = new Float64Array(SIDE * SIDE);

function alongHeight(basis: Float64Array, half: Float64Array): void {
  for (let u = 0; u < BLOCK; u++)
    for (let x = 0; x < SIDE; x++) {
      let sum = 0;
      for (let y = 0, b = u * SIDE, t = x * SIDE; y < SIDE; y++, b++, t++)
        sum += (basis[b] as number) * (turned[t] as number);
      half[u * SIDE + x] = sum;
    }
}

function alongWidth(half: Float64Array, basis: Float64Array): void {
  for (let u = 0; u < BLOCK; u++)
    for (let v = 0; v < BLOCK; v++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += (basis[v * SIDE + x] as number) * (half[u * SIDE + x] as number);
      block[u * BLOCK + v] = Math.abs(sum) < 1e-6 ? 0 : sum;
    }
}
