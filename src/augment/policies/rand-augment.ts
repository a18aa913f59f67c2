import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { operations, policyOperator, sampling } from './policy.js';
import { drawOp, STANDARD } from './spaces.js';

const options = z
  .strictObject({
    ...sampling,
    operations,
    n: z.int().min(0).max(32).default(2),
    m: scheduled(0, 1000).default(9),
    bins: z.int().min(2).max(1001).default(31),
    /** Standard deviation of m from image to image, in bins; default none. */
    deviation: z.number().min(0).default(0),
  })
  .refine(({ m, bins }) => typeof m !== 'number' || m < bins, {
    error: (issue) => {
      const { m, bins } = issue.input as { m: number; bins: number };
      return `expected m below the number of bins, ${bins}, but received ${m}; lower m`;
    },
  });

/**
 * RandAugment: n operations in a row, each chosen at random, all of magnitude m out of a number of bins (Cubuk et
 * al., 2020). Defaults and ranges are torchvision's: `n` 2, `m` 9 of `bins` 31, that is level 0.3. `m` may be a
 * schedule; `deviation` varies it from image to image.
 *
 * @throws {UsageError} if an option is unknown or out of range, or m is not below the number of bins
 * @example randAugment({ n: 2, m: linear(5, 15) })
 */
export const randAugment = (given: z.input<typeof options> = {}) =>
  policyOperator(
    'randAugment',
    options,
    given,
    (draws, { n, m, bins, deviation, operations, ...sampling }, progress) =>
      Array.from({ length: n }).flatMap(() => {
        const name = draws.choice(operations);
        const bin = valueAt(m, progress) + (deviation > 0 ? draws.normal(0, deviation) : 0);
        return drawOp(draws, name, Math.min(1, Math.max(0, bin / (bins - 1))), STANDARD, sampling);
      }),
  );
