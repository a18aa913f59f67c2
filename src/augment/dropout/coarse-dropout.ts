import { z } from 'zod';
import { place } from '../crop/random-box.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact } from '../transform/intervals.js';
import { between, intBetween, interval, intInterval } from '../transform/options.js';
import { drawFill, drawnFill, filled, holeFill } from './fill.js';

const share = z.number().min(0).max(1);

/**
 * Fills a random number of rectangles of random size inside the image (albumentations' CoarseDropout, whose
 * default is 1 or 2 of them).
 *
 * Masks, boxes and keypoints stay; with `erased: 'hide'` in the targets, what is covered counts as hidden. Default
 * `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example coarseDropout({ holes: [1, 4], fill: 'noise' })
 */
export const coarseDropout = defineTransform({
  name: 'coarseDropout',
  options: z.strictObject({
    /** How many, default 1 to 8. */
    holes: intInterval(0, 256).default([1, 8]),
    /** Shares of the image's sides, default 0.1 to 0.2. */
    height: interval(0, 1).default([0.1, 0.2]),
    width: interval(0, 1).default([0.1, 0.2]),
    fill: holeFill.default(0),
  }),
  params: z.strictObject({
    /** x and y of each in the room that it has, its width and its height, as shares. */
    holes: z.array(z.tuple([share, share, share, share])),
    fill: drawnFill,
  }),
  p: 0.5,
  magnitude: (s) => ({ holes: exact(Math.round(10 * s)), height: exact(0.2), width: exact(0.2) }),
  draw(draws, { holes, height, width, fill }) {
    const count = intBetween(draws, holes);
    return {
      holes: Array.from({ length: count }, (): [number, number, number, number] => [
        draws.uniform(),
        draws.uniform(),
        between(draws, width),
        between(draws, height),
      ]),
      fill: drawFill(draws, fill),
    };
  },
  lower({ holes, fill }, plan) {
    const { width, height } = plan;
    const patches = holes.map(([x, y, w, h]) => {
      const [wide, high] = [Math.round(w * width), Math.round(h * height)];
      const [x0, y0] = [place(x, width - wide), place(y, height - high)];
      return { x0, y0, x1: x0 + wide, y1: y0 + high, ...filled(fill) };
    });
    plan.fill(patches.filter(({ x0, x1, y0, y1 }) => x1 > x0 && y1 > y0));
  },
});
