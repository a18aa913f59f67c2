import { z } from 'zod';
import { parseOptions, RxaugError } from '../../core/index.js';
import { criticOptions } from '../critic/options.js';
import { learned } from '../critic/run.js';
import type { Account, Strategy, StrategyContext } from '../strategies/strategy.js';
import { networkAugmenter } from './augmenter.js';

const options = criticOptions.omit({ objective: true, policyRate: true, memory: true }).extend({
  /** Numbers of noise for each image. */
  noise: z.int().min(1).max(64).default(8),
  /** Widths of the hidden layers of geometry and color. */
  geometry: z.int().min(1).max(256).default(32),
  color: z.int().min(1).max(256).default(16),
  /** Adam's rate for the augmentation network. */
  rate: z.number().positive().default(3e-3),
});
export type NetworkOptions = z.input<typeof options>;

/**
 * A policy that is a network, learned as `critic` learns a table of ops: under a critic as the constraint, hardness as the
 * objective and a teacher as the guard. For each image it draws noise; from that one small network makes a rotation, scale,
 * shear and shift, and another, pixel by pixel, a gain and an offset of color (TeachAugment; Suzuki, 2022). Both begin at the
 * identity and follow the gradient of
 *
 *     −λh·log(1 − p_student(y)) − λc·D(x)/σ + λt·CE_teacher(x, y)
 *
 * The ops of the space have no part in it. Stages of batches are not searched: they keep share ½ and the middle of their
 * bounds. The found policy acts on batches: `policyStages` applies it. Masks, boxes and keypoints are refused, and no other
 * library has it.
 *
 * @param given those of `critic` but `objective`, `policyRate` and `memory`; `noise` (8 numbers), `geometry` and `color`
 * (hidden widths, 32 and 16), `rate` (3e-3)
 * @throws {UsageError} if an option is unknown or out of range
 *
 * @example
 * network({ slack: 0.2 }).name // → 'network'
 */
export function network(given: NetworkOptions = {}): Strategy {
  const parsed = parseOptions('network', options, given);
  const { noise, geometry, color, rate, ...rest } = parsed;
  const shared = { ...criticOptions.parse({}), ...rest };
  const run = (context: StrategyContext) => {
    const { space, channels } = context.problem;
    const config = { noise, geometry, color, channels };
    return learned(context, shared, networkAugmenter(space, config, { rate }));
  };
  return {
    name: 'network',
    options: parsed,
    propose: () => [],
    score: () => Promise.reject(new RxaugError('network: it scores no candidates')),
    async conclude(_, context) {
      return (await run(context)).policy;
    },
    async account(_, context): Promise<Account> {
      const { trace, moved, notes } = await run(context);
      const stages = context.problem.space.batchStages ?? [];
      return {
        ...{ trace, moved, withoutGradient: [], atStart: stages.map(({ name }) => name) },
        ...(notes && { notes }),
      };
    },
  };
}
