import { z } from 'zod';
import { scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { brightness } from './brightness.js';
import { contrast } from './contrast.js';
import { factorOf } from './factor.js';
import { hue } from './hue.js';
import { saturation } from './saturation.js';

const amount = scheduled(0).default(0);
const PARTS = [brightness, contrast, saturation] as const;

/**
 * Brightness, contrast, saturation and hue by random amounts, in random order (Howard, 2013; torchvision's
 * ColorJitter). An amount d of the first three stands for factors in [max(0, 1 − d), 1 + d]; hue d for a shift in
 * [−d, d], as a share of the color circle. Each may be a schedule.
 *
 * Without options it changes nothing: give amounts. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })
 */
export const colorJitter = defineTransform({
  name: 'colorJitter',
  options: z.strictObject({
    brightness: amount,
    contrast: amount,
    saturation: amount,
    hue: scheduled(0, 0.5).default(0),
  }),
  params: z.strictObject({
    /** Factors of brightness, contrast and saturation, and the hue shift. */
    values: z.tuple([z.number().min(0), z.number().min(0), z.number().min(0), z.number().min(-0.5).max(0.5)]),
    /** The order in which they act: 0 brightness, 1 contrast, 2 saturation, 3 hue. */
    order: z.array(z.int().min(0).max(3)).length(4),
  }),
  magnitude: (s) => ({ brightness: 0.8 * s, contrast: 0.8 * s, saturation: 0.8 * s, hue: 0.2 * s }),
  draw: (draws, { brightness: b, contrast: c, saturation: s, hue: h }) => ({
    order: Array.from(draws.permutation(4)),
    values: [
      between(draws, factorOf(b).factor),
      between(draws, factorOf(c).factor),
      between(draws, factorOf(s).factor),
      between(draws, [-h, h]),
    ] as [number, number, number, number],
  }),
  lower({ values, order }, plan) {
    for (const i of order) {
      const value = values[i] as number;
      if (i === 3) hue.op.lower({ shift: value }, plan);
      else (PARTS[i] as (typeof PARTS)[number]).op.lower({ factor: value }, plan);
    }
  },
});
