import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { symmetric } from '../transform/intervals.js';
import { between, interval, plusMinus, samplingOptions } from '../transform/options.js';
import { radial } from './radial.js';

/**
 * Radial lens distortion: an output pixel at radius r shows the input at r·(1 + k·r²), r in shares of half the
 * diagonal (Brown's model with one coefficient). k > 0 is a barrel, whose corners show what is outside the image;
 * k < 0 is a pincushion.
 *
 * `opticalDistortion(0.2)`: k from −0.2 to 0.2; a schedule works in place of the number. Masks, boxes and
 * keypoints move with the pixels. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example opticalDistortion(0.2)
 */
export const opticalDistortion = defineTransform({
  name: 'opticalDistortion',
  options: z.strictObject({
    ...samplingOptions,
    /** Default ±0.2. Below −1/3 the corners would fold over. */
    k: interval(-0.33, 2).default([-0.2, 0.2]),
  }),
  params: z.strictObject({ ...samplingOptions, k: z.number().min(-0.33).max(2) }),
  p: 0.5,
  shorthand: symmetric('opticalDistortion', 'k', 0.33),
  magnitude: (strength) => ({ k: plusMinus(0.33 * strength) }),
  draw: (draws, { k, ...sampling }) => ({ ...sampling, k: between(draws, k) }),
  lower({ k, ...sampling }, plan) {
    if (k === 0) return;
    radial(
      (r) => 1 + k * r * r,
      (radius) => undistorted(radius, k),
      sampling,
      plan,
    );
  },
});

/** The r with r·(1 + k·r²) = R: Newton, from a start beyond which the function does not bend back. */
function undistorted(R: number, k: number): number {
  const top = k < 0 ? Math.sqrt(-1 / (3 * k)) : Number.POSITIVE_INFINITY;
  if (R >= top * (1 + k * top * top)) return top;
  let r = Math.min(R, top);
  for (let i = 0; i < 30; i++) {
    const step = (r * (1 + k * r * r) - R) / (1 + 3 * k * r * r);
    r -= step;
    if (Math.abs(step) < 1e-9) break;
  }
  return r;
}
