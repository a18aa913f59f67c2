import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { intBetween, intInterval } from '../transform/options.js';
import { throughWebp } from './webp-codec.js';

/**
 * Adds the artifacts of WebP (smeared detail and flat blocks) by compressing and decompressing.
 *
 * `webpCompression(50)` is exactly that quality, in 1..100; a schedule works in place of the number. Default `p`:
 * 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webpCompression(50)
 */
export const webpCompression = defineTransform({
  name: 'webpCompression',
  options: z.strictObject({
    /** As libwebp counts it, default 30 to 90; at 100 the image is left as it is. */
    quality: intInterval(1, 100).default([30, 90]),
  }),
  params: z.strictObject({ quality: z.int().min(1).max(100) }),
  shorthand: exactly('quality'),
  magnitude: (strength) => ({ quality: exact(Math.round(100 - 95 * strength)) }),
  draw: (draws, { quality }) => ({ quality: intBetween(draws, quality) }),
  lower({ quality }, plan) {
    if (quality === 100) return;
    plan.filter('webpCompression', (input, output, width, height) =>
      throughWebp(input, output, width, height, quality),
    );
  },
});
