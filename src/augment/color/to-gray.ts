import { z } from 'zod';
import type { RowStep } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { lowerMatrix } from './color-matrix.js';
import { grayscale } from './grayscale.js';

const method = z.enum(['luma', 'mean', 'max', 'desaturation']);

/**
 * Gray by one of several formulas, chosen at random: luma (ITU-R 601), the mean of the channels, their maximum, or
 * the middle between maximum and minimum ("desaturation"). `grayscale` is luma alone.
 *
 * Default `p`: 0.1. As in torchvision, a few gray images among many in color.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example toGray({ methods: ['luma', 'mean'] })
 */
export const toGray = defineTransform({
  name: 'toGray',
  options: z.strictObject({
    /** The formulas to choose from, default all. */
    methods: z.array(method).min(1).default(['luma', 'mean', 'max', 'desaturation']),
  }),
  params: z.strictObject({ method }),
  p: 0.1,
  draw: (draws, { methods }) => ({ method: draws.choice(methods) }),
  lower({ method }, plan) {
    if (method === 'luma') grayscale.op.lower({}, plan);
    else if (method === 'mean') lowerMatrix(MEAN, plan);
    else plan.row('toGray', byExtremes(method === 'max' ? 0 : 1));
  },
});

const MEAN = [0, 1, 2].flatMap(() => [1 / 3, 1 / 3, 1 / 3, 0]);

/** (max + min·share) / (1 + share). */
function byExtremes(share: 0 | 1): RowStep {
  return (row) => {
    for (let i = 0; i < row.length; i += 3) {
      const [r, g, b] = [row[i] as number, row[i + 1] as number, row[i + 2] as number];
      const max = Math.max(r, g, b);
      const gray = share ? (max + Math.min(r, g, b) + 1) >> 1 : max;
      row[i] = row[i + 1] = row[i + 2] = gray;
    }
  };
}
