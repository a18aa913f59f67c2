/** How alike two thumbnails are, one of them perhaps cropped, shifted or mirrored. */
import { SIDE } from '../measure/hashes.js';
import type { Variant } from './variants.js';

const SIZE = SIDE * SIDE;

/** Half of the side of the square whose mean is taken off. */
const REACH = 4;

/** Detail below this many gray levels is rounding. */
const LEAST_DETAIL = 1;

/**
 * The detail of a thumbnail, in gray levels: smoothed by [1 2 1] both ways, less its mean over 9 × 9 pixels, fewer
 * toward an edge, the same to both sides. Slow gradients, by which all skies and all studio portraits are alike, are gone, and so
 * is what JPEG leaves.
 *
 * @param values [32, 32], overwritten with the detail
 */
function detail(values: Float64Array): Float64Array {
  smooth(values, 1);
  smooth(values, SIDE);
  mean.set(values);
  boxMean(mean, 1);
  boxMean(mean, SIDE);
  for (let i = 0; i < SIZE; i++) values[i] = (values[i] as number) - (mean[i] as number);
  return values;
}

const mean = new Float64Array(SIZE);
const line = new Float64Array(SIDE);

/** Along rows with a step of 1, along columns with a step of 32. */
function smooth(values: Float64Array, step: number): void {
  const across = step === 1 ? SIDE : 1;
  for (let l = 0; l < SIDE; l++) {
    const from = l * across;
    for (let i = 0; i < SIDE; i++) line[i] = values[from + i * step] as number;
    for (let i = 1; i < SIDE - 1; i++)
      values[from + i * step] =
        ((line[i - 1] as number) + 2 * (line[i] as number) + (line[i + 1] as number)) / 4;
  }
}

function boxMean(values: Float64Array, step: number): void {
  const across = step === 1 ? SIDE : 1;
  for (let l = 0; l < SIDE; l++) {
    const from = l * across;
    for (let i = 0; i < SIDE; i++) line[i] = values[from + i * step] as number;
    for (let i = 0; i < SIDE; i++) {
      const reach = Math.min(REACH, i, SIDE - 1 - i);
      let sum = 0;
      for (let k = i - reach; k <= i + reach; k++) sum += line[k] as number;
      values[from + i * step] = sum / (2 * reach + 1);
    }
  }
}

/** True where a thumbnail has too little detail to be told from others: almost uniform images, and plain gradients. */
export function isFeatureless(thumbnail: Uint8Array): boolean {
  for (let i = 0; i < SIZE; i++) whole[i] = thumbnail[i] as number;
  detail(whole);
  let squares = 0;
  for (const value of whole) squares += value * value;
  return Math.sqrt(squares / SIZE) < LEAST_DETAIL;
}

const whole = new Float64Array(SIZE);
const seen = new Float64Array(SIZE);

/** [left, top, right, bottom], as it is moved. */
type Corners = [number, number, number, number];

/** Steps of the search, in pixels of the thumbnail, and how often each may improve. */
const STEPS = [0.8, 0.4];
const ROUNDS = 6;

/** A part is at least so long. */
const SHORTEST = 0.8 * SIDE;

/** Below this at the place where the hashes met, nothing is searched. */
const HOPELESS = 0.5;

/**
 * How alike two images are, -1..1: the correlation of the detail of `other` with that of a part of `one`, near the part
 * that made their hashes meet. Its four edges are moved as long as that helps, until `enough` is reached.
 */
export function likeness(
  one: Uint8Array,
  other: Uint8Array,
  { part, mirrored }: Variant,
  enough: number,
): number {
  for (let i = 0; i < SIZE; i++) whole[i] = other[i] as number;
  detail(whole);
  const corners: Corners = [...part];
  let best = correlation(one, corners, mirrored);
  if (best < HOPELESS) return best;
  for (const step of STEPS)
    for (let round = 0, better = true; better && round < ROUNDS && best < enough; round++) {
      better = false;
      for (let edge = 0; edge < 4; edge++)
        for (const move of [-step, step]) {
          const moved: Corners = [...corners];
          moved[edge] = (moved[edge] as number) + move;
          if (!isInside(moved)) continue;
          const now = correlation(one, moved, mirrored);
          if (now <= best) continue;
          best = now;
          corners[edge] = moved[edge] as number;
          better = true;
        }
    }
  return best;
}

function isInside([left, top, right, bottom]: Corners): boolean {
  const shortest = Math.min(right - left, bottom - top);
  return left >= 0 && top >= 0 && right <= SIDE && bottom <= SIDE && shortest >= SHORTEST;
}

/** Of the part of `one` with `whole`. */
function correlation(one: Uint8Array, corners: Corners, mirrored: boolean): number {
  cut(one, corners, mirrored);
  detail(seen);
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < SIZE; i++) {
    const [x, y] = [seen[i] as number, whole[i] as number];
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const spread = (aa - (a * a) / SIZE) * (bb - (b * b) / SIZE);
  return spread > 0 ? (ab - (a * b) / SIZE) / Math.sqrt(spread) : 0;
}

/** A part of a thumbnail at 32 × 32, bilinear, into `seen`. */
function cut(thumbnail: Uint8Array, [left, top, right, bottom]: Corners, mirrored: boolean): void {
  for (let y = 0; y < SIDE; y++) {
    const v = Math.max(0, Math.min(SIDE - 1, top + ((y + 0.5) * (bottom - top)) / SIDE - 0.5));
    const row = Math.min(SIDE - 2, Math.floor(v));
    const fy = v - row;
    for (let x = 0; x < SIDE; x++) {
      const u = Math.max(0, Math.min(SIDE - 1, left + ((x + 0.5) * (right - left)) / SIDE - 0.5));
      const column = Math.min(SIDE - 2, Math.floor(u));
      const fx = u - column;
      const p = row * SIDE + column;
      const above = (1 - fx) * (thumbnail[p] as number) + fx * (thumbnail[p + 1] as number);
      const below = (1 - fx) * (thumbnail[p + SIDE] as number) + fx * (thumbnail[p + SIDE + 1] as number);
      seen[y * SIDE + (mirrored ? SIDE - 1 - x : x)] = (1 - fy) * above + fy * below;
    }
  }
}
