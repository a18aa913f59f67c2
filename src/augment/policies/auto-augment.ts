/**
 * AutoAugment: one of the published sub-policies for each image; its two operations apply with the probabilities
 * and at the magnitudes (10 bins) that were found (Cubuk et al., 2019).
 */
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
