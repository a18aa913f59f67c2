import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { operations, policyOperator, sampling } from './policy.js';
import { drawOp, STANDARD } from './spaces.js';

const options = z.strictObject({
  ...sampling,
  operations,
  n: z.int().min(0).max(32).default(2),
  /** Probability of each operation. */
  chance: scheduled(0, 1).default(0.5),
});

/**
 * UniformAugment: `n` operations (default 2), each applied with probability `chance` (default 0.5, or a schedule)
 * at a magnitude uniform in its range (LingChen et al., 2020).
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example uniformAugment({ n: 3 })
 */
export const uniformAugment = (given: z.input<typeof options> = {}) =>
  policyOperator(
    'uniformAugment',
    options,
    given,
    (draws, { operations, n, chance, ...sampling }, progress) =>
      Array.from({ length: n }).flatMap(() => {
        const [name, level] = [draws.choice(operations), draws.uniform()];
        return draws.chance(valueAt(chance, progress)) ? drawOp(draws, name, level, STANDARD, sampling) : [];
      }),
  );
