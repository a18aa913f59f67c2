import { z } from 'zod';
import { blendOp } from '../../transform/blend.js';
import { dirichlet } from '../dirichlet.js';
import { policyOperator } from '../policy.js';
import { applied, TIMM_DRAWN } from './ops.js';
import { deviation, TOP, timmSampling } from './options.js';
import { MIXED } from './tables.js';

const options = z.strictObject({
  ...timmSampling,
  /** Magnitude out of 10. */
  m: z.number().min(0).max(100).default(3),
  deviation: deviation.default('uniform'),
  /** Chains. */
  width: z.int().min(1).max(16).default(3),
  /** Operations in a chain; 'random' is 1 to 3. */
  depth: z.union([z.int().min(1).max(16), z.literal('random')]).default('random'),
  /** Of the Beta and the Dirichlet distribution of the weights. */
  alpha: z.number().positive().max(100).default(1),
});

/**
 * AugMix as in timm (`augment_and_mix_transform`): chains of operations over one image, blended with each other
 * and with the image; magnitudes are uniform up to m. `policy('augmix-m5-w4-d2')` is the same as a string. timm
 * truncates to whole levels twice on the way, this rounds once. Masks, boxes and keypoints cannot follow its
 * operations: with such targets use `augMix` with `operations` that move no pixels.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example timmAugMix({ m: 5, width: 4, depth: 2 })
 */
export const timmAugMix = (given: z.input<typeof options> = {}) =>
  policyOperator(
    'timmAugMix',
    options,
    given,
    (draws, { m, deviation, width, depth, alpha, ...sampling }) => {
      const mixed = draws.beta(alpha, alpha);
      const shares = dirichlet(draws, alpha, width);
      const branches = shares.map(() =>
        Array.from({ length: depth === 'random' ? 1 + draws.int(3) : depth }).flatMap(() =>
          applied(draws, draws.choice(MIXED), 1, m, { deviation, max: TOP }, sampling),
        ),
      );
      const weights = [1 - mixed, ...shares.map((share) => mixed * share)];
      return [{ op: 'blend', params: { branches: [[], ...branches], weights } }];
    },
    [...TIMM_DRAWN, blendOp],
  );
