/** Perceptual hashes of 64 bits, those of Python's `imagehash`. */
import { type Luma, resizeLuma } from './luma.js';

/** 64 bits: the first one is the highest of `high`. */
export interface Hash {
  readonly high: number;
  readonly low: number;
}

/** Side of the thumbnail that pHash and the comparison of images work on. */
export const SIDE = 32;

/** Side of the block of low frequencies. */
export const BLOCK = 8;

/** Smaller than this, a coefficient is rounding: a flat image has no signs. */
const NOTHING = 1e-6;

/** [8, 32]: `2 cos(π u (2 j + 1) / 64)`, the DCT-II of scipy without its scaling. */
const WAVES = Float64Array.from(
  { length: BLOCK * SIDE },
  (_, i) => 2 * Math.cos((Math.PI * Math.floor(i / SIDE) * (2 * (i % SIDE) + 1)) / (2 * SIDE)),
);

/** The image as 32 × 32 gray levels, its shape given up: `convert('L').resize((32, 32), LANCZOS)` of Pillow. */
export function thumbnailOf(luma: Luma): Uint8Array {
  return resizeLuma(luma, SIDE, SIDE).data.slice();
}

/**
 * The 8 × 8 lowest frequencies of a thumbnail of 32 × 32, by rows of the vertical frequency.
 *
 * @param rows basis along the height, [8, 32]; with that along the width it chooses a part of the image
 */
export function lowFrequencies(
  thumbnail: Uint8Array,
  rows: Float64Array = WAVES,
  columns: Float64Array = WAVES,
): Float64Array {
  const half = new Float64Array(BLOCK * SIDE); // [8, 32]: frequencies along the height
  for (let u = 0; u < BLOCK; u++)
    for (let y = 0; y < SIDE; y++) {
      const wave = rows[u * SIDE + y] as number;
      for (let x = 0; x < SIDE; x++)
        half[u * SIDE + x] = (half[u * SIDE + x] as number) + wave * (thumbnail[y * SIDE + x] as number);
    }
  const block = new Float64Array(BLOCK * BLOCK);
  for (let u = 0; u < BLOCK; u++)
    for (let v = 0; v < BLOCK; v++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++)
        sum += (columns[v * SIDE + x] as number) * (half[u * SIDE + x] as number);
      block[u * BLOCK + v] = Math.abs(sum) < NOTHING ? 0 : sum;
    }
  return block;
}

/**
 * pHash: a bit for each of the 8 × 8 lowest frequencies of the thumbnail, set where it is above their median (Zauner,
 * "Implementation and benchmarking of perceptual image hash functions", 2010; `imagehash.phash`).
 */
export function pHash(thumbnail: Uint8Array): Hash {
  return hashOfBlock(lowFrequencies(thumbnail));
}

const sorted = new Float64Array(BLOCK * BLOCK);

/** Bits of a block of frequencies against their median; `mirrored` of the image seen in a mirror. */
export function hashOfBlock(block: Float64Array, mirrored = false): Hash {
  for (let i = 0; i < block.length; i++) sorted[i] = valueAt(block, i, mirrored);
  const median = middleOf(sorted);
  let [high, low] = [0, 0];
  for (let i = 0; i < 32; i++) {
    high = (high << 1) | Number(valueAt(block, i, mirrored) > median);
    low = (low << 1) | Number(valueAt(block, i + 32, mirrored) > median);
  }
  return { high: high >>> 0, low: low >>> 0 };
}

/** The median of an even number of values, which it puts into another order: quickselect (Hoare, "Find", 1961). */
function middleOf(values: Float64Array): number {
  const middle = values.length / 2;
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let [i, j] = [low, high];
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i > j) break;
      const kept = values[i] as number;
      values[i++] = values[j] as number;
      values[j--] = kept;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else break;
  }
  let below = values[0] as number;
  for (let i = 1; i < middle; i++) if ((values[i] as number) > below) below = values[i] as number;
  return (below + (values[middle] as number)) / 2;
}

/** A mirror turns the sign of the odd frequencies along the width. */
function valueAt(block: Float64Array, i: number, mirrored: boolean): number {
  return mirrored && i % 2 === 1 ? -(block[i] as number) : (block[i] as number);
}

/**
 * dHash: in a reduction to 9 × 8 gray levels, a bit for each pixel that is brighter than its left neighbor (Krawetz, "Kind
 * of like that", 2013; `imagehash.dhash`).
 */
export function dHash(luma: Luma): Hash {
  const { data } = resizeLuma(luma, 9, 8);
  const words = [0, 0];
  for (let i = 0; i < 64; i++) {
    const at = (i >> 3) * 9 + (i & 7);
    const word = i >> 5;
    words[word] = ((words[word] as number) << 1) | Number((data[at + 1] as number) > (data[at] as number));
  }
  return { high: (words[0] as number) >>> 0, low: (words[1] as number) >>> 0 };
}

/** 16 hexadecimal digits, as `str()` of an `imagehash`. */
export function hashHex({ high, low }: Hash): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** Bits in which two hashes differ, 0..64. */
export function distance(a: Hash, b: Hash): number {
  return bits(a.high ^ b.high) + bits(a.low ^ b.low);
}

/** Set bits of 32. */
export function bits(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
