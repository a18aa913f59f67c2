/** Leaves the traces of JPEG: blocks, ringing and blurred colors, by compressing and decompressing. */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { intBetween, intInterval } from '../transform/options.js';
import { throughJpeg } from './jpeg-codec.js';

const subsampling = z.enum(['4:2:0', '4:4:4']);

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
