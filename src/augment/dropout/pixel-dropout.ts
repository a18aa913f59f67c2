import { z } from 'zod';
import { fold } from '../../core/index.js';
import { scramble } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { asColor, between, color, drawSeed, interval, seed, seedKey } from '../transform/options.js';

const fill = z.union([z.number().min(0).max(255), color, z.literal('noise')]);

/**
 * Fills single pixels, or single values of them, with some probability (albumentations' PixelDropout, whose
 * default share is 0.01). Which pixels is a function of the drawn seed and the place.
 *
 * `pixelDropout(0.05)` is exactly that share of the pixels; a schedule works in place of the number. Comes before
 * `normalize`. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example pixelDropout(0.05)
 */
export const pixelDropout = defineTransform({
  name: 'pixelDropout',
  options: z.strictObject({
    /** Share of the pixels, default 0.01 to 0.1. */
    share: interval(0, 1).default([0.01, 0.1]),
    /** Drops the values of a pixel one by one. */
    perChannel: z.boolean().default(false),
    /** In 0..255, or 'noise' for uniform bytes. */
    fill: fill.default(0),
  }),
  params: z.strictObject({ share: z.number().min(0).max(1), perChannel: z.boolean(), fill, seed }),
  shorthand: exactly('share'),
  magnitude: (strength) => ({ share: exact(0.4 * strength) }),
  draw: (draws, { share, perChannel, fill }) => ({
    share: between(draws, share),
    perChannel,
    fill,
    seed: drawSeed(draws),
  }),
  lower({ share, perChannel, fill, seed }, plan) {
    if (share === 0) return;
    const key = seedKey(seed);
    const dropped = share * 2 ** 32;
    const group = perChannel ? 1 : 3;
    const color = fill === 'noise' ? undefined : asColor(fill);
    plan.row('pixelDropout', (row, y) => {
      const { a, b } = fold(key, y);
      for (let n = 0, i = 0; i < row.length; n++, i += group) {
        if (scramble(a, b, n) >= dropped) continue;
        for (let k = i; k < i + group; k++) {
          row[k] = color ? (color[k % 3] as number) : scramble(b, a, k) & 255;
        }
      }
    });
  },
});
