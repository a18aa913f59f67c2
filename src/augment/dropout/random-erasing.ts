import { z } from 'zod';
import { boxParams, drawBox, fitBox } from '../crop/random-box.js';
import { defineTransform } from '../transform/define-transform.js';
import { asColor, drawSeed, interval, seed, seedKey, value } from '../transform/options.js';

/** Boxes of at most a third of the area rarely fail to fit: all four once in ten million. */
const TRIES = 4;

/**
 * Covers a rectangle of random area and aspect ratio inside the image (Zhong et al., "Random erasing data
 * augmentation", 2020), with a color or with noise: N(0, 1) after `normalize`, uniform bytes before it.
 *
 * Masks, boxes and keypoints stay; with `erased: 'hide'` in the targets, what is covered counts as hidden. Default
 * `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example randomErasing({ fill: 'noise' })
 */
export const randomErasing = defineTransform({
  name: 'randomErasing',
  options: z.strictObject({
    /** Share of the image's area, default 0.02 to 0.33. */
    scale: interval(0, 1).default([0.02, 0.33]),
    /** Width over height, default 0.3 to 3.3. */
    ratio: interval(1e-3, 1e3).default([0.3, 3.3]),
    fill: z.union([value, z.literal('noise')]).default(0),
  }),
  params: z.strictObject({ ...boxParams, fill: z.union([value, z.strictObject({ noise: seed })]) }),
  p: 0.5,
  magnitude: (strength) => ({ scale: [0.33 * strength, 0.33 * strength] as [number, number] }),
  draw(draws, { scale, ratio, fill }) {
    // Field by field, here and below: spreading the box would take longer than drawing it.
    const { tries, x, y } = drawBox(draws, scale, ratio, TRIES);
    return { tries, x, y, fill: fill === 'noise' ? { noise: drawSeed(draws) } : fill };
  },
  lower(params, plan) {
    const { fill } = params;
    const fit = fitBox(params, plan.width, plan.height);
    if (!fit) return;
    const { x0, y0 } = fit;
    const x1 = x0 + fit.width;
    const y1 = y0 + fit.height;
    const noisy = typeof fill === 'object' && 'noise' in fill;
    plan.fill(
      noisy ? { x0, y0, x1, y1, noise: seedKey(fill.noise) } : { x0, y0, x1, y1, color: asColor(fill) },
    );
  },
});
