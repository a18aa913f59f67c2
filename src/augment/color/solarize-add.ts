import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactlyWithin } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';

const threshold = z.number().min(0).max(256).default(128);

/**
 * Adds to every value below a threshold: out = x < t ? min(255, x + a) : x (timm's SolarizeAdd, from the
 * RandAugment of EfficientNet).
 *
 * `solarizeAdd(60)` adds exactly that many gray levels; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example solarizeAdd(60)
 */
export const solarizeAdd = defineTransform({
  name: 'solarizeAdd',
  options: z.strictObject({
    /** In gray levels, default 0 to 110. */
    add: interval(0, 255).default([0, 110]),
    threshold,
  }),
  params: z.strictObject({ add: z.number().min(0).max(255), threshold }),
  shorthand: exactlyWithin('solarizeAdd', 'add', 0, 255),
  magnitude: (strength) => ({ add: [110 * strength, 110 * strength] as [number, number] }),
  draw: (draws, { add, threshold }) => ({ add: between(draws, add), threshold }),
  lower({ add, threshold }, plan) {
    if (add >= 1) plan.lookUp((v) => (v < threshold ? v + Math.floor(add) : v));
  },
});
