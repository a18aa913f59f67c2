/** What a data set's preparation needs to know of one image. */
import type { View } from '../../core/view.js';
import { sharpnessOf } from './blur.js';
import { contrastOf, type Exposure, exposureOf } from './exposure.js';
import { dHash, type Hash, pHash, thumbnailOf } from './hashes.js';
import { lumaOf } from './luma.js';

/** Decoded pixels, uint8 [H, W, C], C of 1, 3 or 4. */
export interface MeasuredPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** What was measured of an image, all from its luma. */
export interface Measures {
  /** Of the upright image, as its header says. */
  readonly width: number;
  readonly height: number;
  /** Width over height. */
  readonly aspect: number;
  /** Variance of the Laplacian, see `sharpnessOf`: low where the image is blurred. */
  readonly sharpness: number;
  readonly exposure: Exposure;
  /** See `contrastOf`: low where the image is almost uniform. */
  readonly contrast: number;
  readonly pHash: Hash;
  readonly dHash: Hash;
  /** 32 × 32 gray levels, for the comparison with others. */
  readonly thumbnail: Uint8Array;
}

/**
 * Measures one image.
 *
 * @param pixels decoded, whole or at a fraction of its size as `measuredView` asks
 * @param size of the upright image; default: that of the pixels
 */
export function measure(
  pixels: MeasuredPixels,
  size: { readonly width: number; readonly height: number } = pixels,
): Measures {
  const luma = lumaOf(pixels, pixels.channels);
  const thumbnail = thumbnailOf(luma);
  return {
    width: size.width,
    height: size.height,
    aspect: size.width / size.height,
    sharpness: sharpnessOf(luma),
    exposure: exposureOf(luma),
    contrast: contrastOf(thumbnail),
    pHash: pHash(thumbnail),
    dHash: dHash(luma),
    thumbnail,
  };
}

/** Measures need no more than this along the shorter side. */
const ENOUGH = 256;

/**
 * How much of an image measuring needs, for `decode` of a `Decoder`: all of it, at the fraction that leaves at least 256
 * pixels along the shorter side. Hashes differ by a bit or two from those of the full size.
 */
export function measuredView(width: number, height: number): View {
  const shorter = Math.min(width, height);
  const shrink = [8, 4, 2].find((by) => shorter >= by * ENOUGH) ?? 1;
  return { window: [0, 0, width, height], shrink };
}
