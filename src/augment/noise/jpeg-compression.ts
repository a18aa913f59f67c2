import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { intBetween, intInterval } from '../transform/options.js';
import { throughJpeg } from './jpeg-codec.js';

const subsampling = z.enum(['4:2:0', '4:4:4']);

/**
 * Adds the artifacts of JPEG (blocks, ringing, blurred colors) by compressing and decompressing.
 *
 * `jpegCompression(50)` is exactly that quality, in 1..100; a schedule works in place of the number. Default `p`:
 * 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @throws {RxaugError} while rendering, if @julusian/jpeg-turbo is missing or a side exceeds 65,500 pixels
 * @example jpegCompression(50)
 */
export const jpegCompression = defineTransform({
  name: 'jpegCompression',
  options: z.strictObject({
    /** As libjpeg counts it, default 30 to 90; at 100 the image is left as it is. */
    quality: intInterval(1, 100).default([30, 90]),
    /** Whether colors have half the resolution along each side. */
    subsampling: subsampling.default('4:2:0'),
  }),
  params: z.strictObject({ quality: z.int().min(1).max(100), subsampling }),
  shorthand: exactly('quality'),
  magnitude: (strength) => ({ quality: exact(Math.round(100 - 95 * strength)) }),
  draw: (draws, { quality, subsampling }) => ({ quality: intBetween(draws, quality), subsampling }),
  lower({ quality, subsampling }, plan) {
    if (quality === 100) return;
    plan.filter('jpegCompression', (input, output, width, height) =>
      throughJpeg(input, output, width, height, quality, subsampling),
    );
  },
});
