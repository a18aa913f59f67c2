import { z } from 'zod';
import { sharpness as sharpen, sharpnessOn } from '../../kernels/index.js';
import { amountOf, factorOf, factorRange } from '../color/factor.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';

/**
 * Blends with a smoothed copy: 0 is smooth, 1 the same image, above 1 sharper. Pillow's ImageEnhance.Sharpness,
 * exactly: the copy is a 3×3 mean that counts the center five times; its outermost pixels are the image's own.
 *
 * `sharpness(0.4)`: factors from 0.6 to 1.4, that is [max(0, 1 − 0.4), 1 + 0.4] as in torchvision;
 * `sharpness([0.5, 0.5])`: always 0.5. A schedule within 0..1 works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example sharpness(0.4)
 */
export const sharpness = defineTransform({
  name: 'sharpness',
  options: z.strictObject({ factor: factorRange }),
  params: z.strictObject({ factor: z.number().min(0) }),
  shorthand: amountOf('sharpness'),
  magnitude: (strength) => factorOf(0.9 * strength),
  draw: (draws, { factor }) => ({ factor: between(draws, factor) }),
  lower({ factor }, plan) {
    if (factor === 1) return;
    plan.filter(
      'sharpness',
      (input, output, width, height) => sharpen(input, output, width, height, factor),
      (kernels, regions, image, to) => sharpnessOn(kernels, regions, image, to, factor),
    );
  },
});
