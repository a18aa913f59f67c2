/**
 * Pads every side by some pixels and crops back to the size it had, at a random place: the standard
 * augmentation of small images (He et al., 2016). Exact.
 */
import { z } from 'zod';
import { type Scheduled, scheduledInt } from '../core/index.js';
import { border, colour } from './options.js';
import { defineTransform } from './transform.js';

const fields = { border: border.default('constant'), fill: colour.default([0, 0, 0]) };

export const padCrop = defineTransform({
  name: 'padCrop',
  options: z.strictObject({ ...fields, padding: scheduledInt(0, 4096).default(4) }),
  params: z.strictObject({ ...fields, x: z.int(), y: z.int() }),
  shorthand: (padding: Scheduled) => ({ padding }),
  magnitude: (strength) => ({ padding: Math.round(8 * strength) }),
  draw: (draws, { padding, border, fill }) => {
    const room = Math.round(padding);
    return { border, fill, x: draws.int(2 * room + 1) - room, y: draws.int(2 * room + 1) - room };
  },
  lower: ({ x, y, border, fill }, plan) =>
    plan.geometry([1, 0, x, 0, 1, y], plan.width, plan.height, { border, fill }),
});
