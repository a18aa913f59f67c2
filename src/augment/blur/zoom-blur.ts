import { z } from 'zod';
import { smooth } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';

/*
 * With factors q⁰…qⁿ⁻¹ and n a power of two the mean takes log₂ n enlargements, not n: averaging an image with itself
 * enlarged by q, then that with itself enlarged by q², q⁴ … gives every factor once.
 */

/** Pixels between two factors at the corner, at most, up to 64 factors. */
const STEP = 1.5;
const MOST_DOUBLINGS = 6;

/**
 * Blurs towards the middle, like a zoom during the exposure: the mean of the image enlarged by factors in a
 * geometric row up to `factor` (Hendrycks and Dietterich, "Benchmarking neural network robustness", 2019).
 *
 * `zoomBlur(1.2)` is exactly that factor; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example zoomBlur(1.2)
 */
export const zoomBlur = defineTransform({
  name: 'zoomBlur',
  options: z.strictObject({
    /** The largest enlargement, default 1 to 1.3. */
    factor: interval(1, 4).default([1, 1.3]),
  }),
  params: z.strictObject({ factor: z.number().min(1).max(4) }),
  shorthand: exactly('factor'),
  magnitude: (strength) => ({ factor: exact(1 + 0.4 * strength) }),
  draw: (draws, { factor }) => ({ factor: between(draws, factor) }),
  lower({ factor }, plan) {
    if (factor === 1) return;
    plan.filter('zoomBlur', (input, output, width, height, tools) => {
      const travel = ((factor - 1) / factor) * Math.hypot(width / 2, height / 2);
      const doublings = Math.min(MOST_DOUBLINGS, Math.max(1, Math.ceil(Math.log2(1 + travel / STEP))));
      const ratio = factor ** (1 / (2 ** doublings - 1));
      for (let i = 0; i < doublings; i++) {
        const zoom = 1 / ratio ** (2 ** i);
        const last = i === doublings - 1;
        tools.resample(input, width, height, output, enlarged(width, zoom), enlarged(height, zoom));
        // Halves go up and down in turn.
        const half = i & 1;
        const to = last ? output : input;
        for (let k = 0; k < to.length; k++)
          to[k] = ((input[k] as number) + (output[k] as number) + half) >> 1;
      }
    });
  },
});

/** A line seen enlarged about its middle. */
const enlarged = (size: number, zoom: number) =>
  smooth('bilinear', size, zoom, (size / 2) * (1 - zoom), 0, size, false);
