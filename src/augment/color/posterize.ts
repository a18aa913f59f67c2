import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactly } from '../transform/intervals.js';
import { intBetween, intInterval } from '../transform/options.js';

/**
 * Keeps the highest bits of every value: Pillow's ImageOps.posterize, exactly. 8 bits are the same image.
 *
 * `posterize(4)` is exactly that number of bits; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example posterize(4)
 */
export const posterize = defineTransform({
  name: 'posterize',
  options: z.strictObject({
    /** [low, high] of the bits kept, default 4 to 7. */
    bits: intInterval(1, 8).default([4, 7]),
  }),
  /** 0 keeps nothing and gives black: timm's policies draw it. */
  params: z.strictObject({ bits: z.int().min(0).max(8) }),
  p: 0.5,
  shorthand: exactly('bits'),
  magnitude(strength) {
    const bits = 8 - Math.round(6 * strength);
    return { bits: [bits, bits] as [number, number] };
  },
  draw: (draws, { bits }) => ({ bits: intBetween(draws, bits) }),
  lower({ bits }, plan) {
    const kept = 256 - 2 ** (8 - bits);
    if (bits < 8) plan.lookUp((v) => v & kept);
  },
});
