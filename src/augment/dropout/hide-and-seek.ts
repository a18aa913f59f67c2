import { z } from 'zod';
import { fold, scheduled } from '../../core/index.js';
import { type Patch, scramble } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { drawSeed, seed, seedKey } from '../transform/options.js';
import { drawFill, drawnFill, filled, holeFill } from './fill.js';

const cells = z.int().min(1).max(256);

/**
 * Divides the image into square patches and hides each with some probability (Singh and Lee, "Hide-and-Seek:
 * Forcing a network to be meticulous", 2017). After `normalize` the default fill 0 is the mean color, as in the
 * paper.
 *
 * Masks, boxes and keypoints stay; with `erased: 'hide'` in the targets, what is covered counts as hidden. Default
 * `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example hideAndSeek({ hide: 0.3 })
 */
export const hideAndSeek = defineTransform({
  name: 'hideAndSeek',
  options: z.strictObject({
    /** Patches along the shorter side, one of these; the default are the paper's 56, 44, 32 and 16 of 224 pixels. */
    cells: z.array(cells).min(1).default([4, 5, 7, 14]),
    /** Probability of hiding a patch. */
    hide: scheduled(0, 1).default(0.5),
    fill: holeFill.default(0),
  }),
  params: z.strictObject({ cells, hide: z.number().min(0).max(1), seed, fill: drawnFill }),
  p: 0.5,
  magnitude: (strength) => ({ hide: 0.6 * strength }),
  draw: (draws, { cells, hide, fill }) => ({
    cells: draws.choice(cells),
    hide,
    seed: drawSeed(draws),
    fill: drawFill(draws, fill),
  }),
  lower({ cells, hide, seed, fill }, plan) {
    const { width, height } = plan;
    const side = Math.max(1, Math.ceil(Math.min(width, height) / cells));
    const patches: Patch[] = [];
    for (let y0 = 0, row = 0; y0 < height; y0 += side, row++) {
      const { a, b } = fold(seedKey(seed), row);
      for (let x0 = 0, column = 0; x0 < width; x0 += side, column++) {
        if (scramble(a, b, column) >= hide * 2 ** 32) continue;
        const [x1, y1] = [Math.min(width, x0 + side), Math.min(height, y0 + side)];
        patches.push({ x0, y0, x1, y1, ...filled(fill) });
      }
    }
    plan.fill(patches);
  },
});
