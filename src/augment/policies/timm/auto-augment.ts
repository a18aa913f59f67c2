import { z } from 'zod';
import { policyOperator } from '../policy.js';
import { applied, TIMM_DRAWN } from './ops.js';
import { deviation, TOP, timmSampling } from './options.js';
import { type Steps, SUB_POLICIES } from './tables.js';

const options = z.strictObject({
  ...timmSampling,
  /** Which sub-policies: the paper's, those of TensorFlow's EfficientNet, or 3-Augment's. */
  policy: z.enum(Object.keys(SUB_POLICIES) as [keyof typeof SUB_POLICIES]).default('v0'),
  deviation: deviation.default(0),
});
type Options = z.input<typeof options>;

/**
 * AutoAugment as in timm (`auto_augment_transform`): one of the sub-policies for each image; its operations apply
 * with their own probabilities and magnitudes. `policy('original-mstd0.5')` is the same as a string.
 *
 * `timmAutoAugment('v0')` names the policy, `v0` by default.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example timmAutoAugment('original')
 */
export const timmAutoAugment = (given: Options['policy'] | Options = {}) =>
  policyOperator(
    'timmAutoAugment',
    options,
    typeof given === 'string' ? { policy: given } : given,
    (draws, { policy, deviation, ...sampling }) =>
      draws
        .choice<Steps>(SUB_POLICIES[policy])
        .flatMap(([name, p, magnitude]) =>
          applied(draws, name, p, magnitude, { deviation, max: TOP }, sampling),
        ),
    TIMM_DRAWN,
  );
