import { z } from 'zod';
import { type Draws, scheduled, valueAt } from '../../../core/index.js';
import { policyOperator } from '../policy.js';
import { applied, TIMM_DRAWN } from './ops.js';
import { deviation, TOP, timmSampling } from './options.js';
import { type Chosen, INCREASING, PLAIN, SETS } from './tables.js';

type SetName = keyof typeof SETS | 'all';

const options = z
  .strictObject({
    ...timmSampling,
    /** Operations that are chosen for an image. */
    n: z.int().min(0).max(32).default(2),
    /** Probability that a chosen one is applied. */
    chance: scheduled(0, 1).default(0.5),
    /** Magnitude; above `max` it is cut. */
    m: scheduled(0, 100).default(TOP),
    deviation: deviation.default(0),
    /** Largest magnitude; timm's scales reach to 10 and go on beyond. */
    max: z.number().min(1).max(30).default(TOP),
    /** Take the operations that change more the higher the magnitude; of 'all' alone. */
    increasing: z.boolean().default(false),
    /** The fifteen operations, or one of timm's other sets. */
    set: z.enum(['all', ...(Object.keys(SETS) as (keyof typeof SETS)[])]).default('all'),
  })
  .refine(({ n, set }) => set === 'all' || n <= most(set), {
    error: (issue) => {
      const { n, set } = issue.input as { n: number; set: SetName };
      return `expected n in 0..${most(set)} but received ${n}, and '${set}' repeats no operation; lower n`;
    },
  });

/** What a set of timm's holds. */
export const setOfTimm = (set: SetName, increasing: boolean): Chosen =>
  set === 'all' ? { names: increasing ? INCREASING : PLAIN } : SETS[set];
function most(set: SetName): number {
  const { names, weights } = setOfTimm(set, false);
  return weights ? names.length : Number.POSITIVE_INFINITY;
}

/**
 * RandAugment as in timm (`rand_augment_transform`): n of fifteen operations in a row, each applied with
 * probability `chance`, at magnitude m out of 10. `policy('rand-m9-n2-mstd0.5-inc1')` is the same as a string.
 * Operations, scales and the gray outside the image are timm's; `randAugment` has torchvision's.
 *
 * @throws {UsageError} if an option is unknown or out of range, or n exceeds the operations of a weighted set
 * @example timmRandAugment({ m: 9, n: 2, deviation: 0.5, increasing: true })
 */
export const timmRandAugment = (given: z.input<typeof options> = {}) =>
  policyOperator(
    'timmRandAugment',
    options,
    given,
    (draws, { n, chance, m, deviation, max, increasing, set, ...sampling }, progress) =>
      chosen(draws, setOfTimm(set, increasing), n).flatMap((name) =>
        applied(draws, name, valueAt(chance, progress), valueAt(m, progress), { deviation, max }, sampling),
      ),
    TIMM_DRAWN,
  );

/** n names: each as likely and again and again, or by weights and no name twice. */
function chosen(draws: Draws, { names, weights }: Chosen, n: number): string[] {
  if (!weights) return Array.from({ length: n }, () => draws.choice(names));
  const left = [...weights];
  return Array.from({ length: n }, () => {
    const name = draws.choice(names, left);
    left[names.indexOf(name)] = 0;
    return name;
  });
}
