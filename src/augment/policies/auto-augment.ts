import { z } from 'zod';
import { CIFAR10, IMAGENET, type SubPolicy, SVHN } from './auto-augment-policies.js';
import { policyOperator, sampling } from './policy.js';
import { drawOp, STANDARD } from './spaces.js';

const POLICIES: Readonly<Record<string, readonly SubPolicy[]>> = {
  cifar10: CIFAR10,
  svhn: SVHN,
  imagenet: IMAGENET,
};
const options = z.strictObject({
  ...sampling,
  dataset: z.enum(['cifar10', 'svhn', 'imagenet']).default('imagenet'),
});
type Options = z.input<typeof options>;

/**
 * AutoAugment: one of the published sub-policies for each image; its two operations apply with the probabilities
 * and at the magnitudes (10 bins) that the search found (Cubuk et al., 2019).
 *
 * `autoAugment('cifar10')` names the data set whose policy is used: 'imagenet' (default), 'cifar10' or 'svhn'.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example autoAugment('cifar10')
 */
export const autoAugment = (given: Options['dataset'] | Options = {}) =>
  policyOperator(
    'autoAugment',
    options,
    typeof given === 'string' ? { dataset: given } : given,
    (draws, { dataset, ...sampling }) =>
      draws.choice(POLICIES[dataset] as readonly SubPolicy[]).flatMap(([name, p, magnitude]) => {
        const applied = draws.chance(p);
        return applied ? drawOp(draws, name, (magnitude ?? 0) / 9, STANDARD, sampling) : [];
      }),
  );
