import { z } from 'zod';
import { fold } from '../../core/index.js';
import { scramble } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, drawSeed, intBetween, interval, intInterval, seed, seedKey } from '../transform/options.js';

/**
 * Divides the image into patches of similar color (SLIC; Achanta et al., 2012) and paints some of them in their
 * mean color (imgaug's Superpixels).
 *
 * `superpixels(0.5)` paints exactly that share of the patches; a schedule works in place of the number. Default
 * `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example superpixels(0.5)
 */
export const superpixels = defineTransform({
  name: 'superpixels',
  options: z.strictObject({
    /** Share of the patches that are painted, default 0.1 to 0.6. */
    replace: interval(0, 1).default([0.1, 0.6]),
    /** How many patches, about, default 60 to 200. */
    segments: intInterval(1, 10000).default([60, 200]),
  }),
  params: z.strictObject({ replace: z.number().min(0).max(1), segments: z.int().min(1).max(10000), seed }),
  p: 0.5,
  shorthand: exactly('replace'),
  magnitude: (strength) => ({ replace: exact(strength), segments: exact(120) }),
  draw: (draws, { replace, segments }) => ({
    replace: between(draws, replace),
    segments: intBetween(draws, segments),
    seed: drawSeed(draws),
  }),
  lower({ replace, segments, seed }, plan) {
    if (replace === 0) return;
    plan.filter('superpixels', (input, output, width, height, tools) => {
      const { labels, colors } = tools.slic(input, width, height, segments);
      const { a, b } = fold(seedKey(seed), 0);
      const painted = Uint8Array.from({ length: colors.length / 3 }, (_, k) =>
        Number(scramble(a, b, k) < replace * 2 ** 32),
      );
      output.set(input);
      for (let i = 0, o = 0; i < labels.length; i++, o += 3) {
        const k = labels[i] as number;
        if (painted[k] === 0) continue;
        for (let c = 0; c < 3; c++) output[o + c] = (colors[3 * k + c] as number) + 0.5;
      }
    });
  },
});
