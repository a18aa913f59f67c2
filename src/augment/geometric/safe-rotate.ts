import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { symmetric } from '../transform/intervals.js';
import { between, interval, plusMinus, samplingOptions } from '../transform/options.js';
import { inverseAffine } from './affine.js';

/**
 * Rotates about the center and shrinks just enough to keep the whole image in a frame of its own size. Proportions
 * stay, where albumentations' SafeRotate stretches the image to fill the frame.
 *
 * `safeRotate(45)`: −45 to 45 degrees; `safeRotate([45, 45])`: always 45. A schedule works in place of the number.
 * Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example safeRotate(45)
 */
export const safeRotate = defineTransform({
  name: 'safeRotate',
  options: z.strictObject({
    ...samplingOptions,
    /** Degrees, positive clockwise, default ±90. */
    angle: interval(-360, 360).default([-90, 90]),
  }),
  params: z.strictObject({ ...samplingOptions, angle: z.number() }),
  shorthand: symmetric('safeRotate', 'angle', 360),
  magnitude: (strength) => ({ angle: plusMinus(90 * strength) }),
  draw: (draws, { angle, ...sampling }) => ({ ...sampling, angle: between(draws, angle) }),
  lower({ angle, ...sampling }, plan) {
    if (angle === 0) return;
    const { width, height } = plan;
    const [cos, sin] = [Math.cos, Math.sin].map((f) => Math.abs(f((angle * Math.PI) / 180))) as [
      number,
      number,
    ];
    const scale = Math.min(width / (width * cos + height * sin), height / (width * sin + height * cos));
    plan.geometry(inverseAffine(width / 2, height / 2, angle, 0, 0, scale, [0, 0]), width, height, sampling);
  },
});
