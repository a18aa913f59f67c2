import { z } from 'zod';
import { fold } from '../../core/index.js';
import { scramble } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';

/**
 * Turns a share of the pixels white (salt) or black (pepper), like dead cells of a sensor. Noise is a function of
 * the drawn seed and the place: a replay gives the same bytes.
 *
 * `saltAndPepper(0.05)` is exactly that share; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example saltAndPepper(0.05)
 */
export const saltAndPepper = defineTransform({
  name: 'saltAndPepper',
  options: z.strictObject({
    /** Share of the pixels, default 0.01 to 0.06. */
    share: interval(0, 1).default([0.01, 0.06]),
    /** Share of salt among them, default 0.4 to 0.6. */
    salt: interval(0, 1).default([0.4, 0.6]),
  }),
  params: z.strictObject({ share: z.number().min(0).max(1), salt: z.number().min(0).max(1), seed }),
  shorthand: exactly('share'),
  magnitude: (strength) => ({ share: exact(0.3 * strength) }),
  draw: (draws, { share, salt }) => ({
    share: between(draws, share),
    salt: between(draws, salt),
    seed: drawSeed(draws),
  }),
  lower({ share, salt, seed }, plan) {
    if (share === 0) return;
    const key = seedKey(seed);
    const changed = share * 2 ** 32;
    const white = changed * salt;
    plan.row('saltAndPepper', (row, y) => {
      const { a, b } = fold(key, y);
      for (let x = 0, i = 0; i < row.length; x++, i += 3) {
        const bits = scramble(a, b, x);
        if (bits < changed) row[i] = row[i + 1] = row[i + 2] = bits < white ? 255 : 0;
      }
    });
  },
});
