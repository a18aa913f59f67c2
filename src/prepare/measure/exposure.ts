/** How light an image is, and how much of it is lost in black and white. */
import type { Luma } from './luma.js';

export interface Exposure {
  /** Mean luma, 0..255. */
  readonly mean: number;
  /** Share of pixels with a luma of at most 2, 0..1. */
  readonly black: number;
  /** Share of pixels with a luma of at least 253, 0..1. */
  readonly white: number;
}

/** JPEG leaves black and white by a level or two. */
const SLACK = 2;

/** Mean luma, and the shares of pixels that are black and white: what is clipped there shows nothing. */
export function exposureOf({ data }: Luma): Exposure {
  let [sum, black, white] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const level = data[i] as number;
    sum += level;
    if (level <= SLACK) black++;
    else if (level >= 255 - SLACK) white++;
  }
  const n = data.length;
  return { mean: sum / n, black: black / n, white: white / n };
}

/**
 * Contrast: the standard deviation of the gray levels of the 32 × 32 thumbnail, 0..127.5. Noise is averaged out in it, so
 * it is what is left of an image from a distance: an almost uniform one has less than about 3.
 */
export function contrastOf(thumbnail: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (const level of thumbnail) {
    sum += level;
    squares += level * level;
  }
  const n = thumbnail.length;
  return Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
}
