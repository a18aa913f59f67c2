import { z } from 'zod';
import { operations, policyOperator, sampling } from './policy.js';
import { drawOp, STANDARD, WIDE } from './spaces.js';

const options = z.strictObject({
  ...sampling,
  operations,
  space: z.enum(['wide', 'standard']).default('wide'),
  bins: z.int().min(2).max(1001).default(31),
});

/**
 * TrivialAugment: one operation at random, its magnitude uniform over the bins (Müller and Hutter, 2021). `space`
 * is 'wide' (default) or 'standard', RandAugment's.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example trivialAugment()
 */
export const trivialAugment = (given: z.input<typeof options> = {}) =>
  policyOperator('trivialAugment', options, given, (draws, { operations, space, bins, ...sampling }) => {
    const name = draws.choice(operations);
    return drawOp(draws, name, draws.int(bins) / (bins - 1), space === 'wide' ? WIDE : STANDARD, sampling);
  });
