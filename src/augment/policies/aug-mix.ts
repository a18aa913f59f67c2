import { z } from 'zod';
import { type Draw, type Draws, UsageError } from '../../core/index.js';
import { blendOp } from '../transform/blend.js';
import { dirichlet } from './dirichlet.js';
import { operations, policyOperator, sampling } from './policy.js';
import { drawOp, FOURTEEN, POLICY_OPS, type Reach, STANDARD } from './spaces.js';

/** AugMix's own: further shifts, and fewer bits to begin with. */
export const AUGMIX: Reach = { ...STANDARD, translate: 1 / 3, bits: 4 };
const BINS = 10;

const options = z.strictObject({
  ...sampling,
  interpolation: sampling.interpolation.default('bilinear'),
  operations: operations.default(FOURTEEN.filter((name) => name !== 'Identity')),
  /** Chains. */
  width: z.int().min(1).max(16).default(3),
  /** Operations in a chain: a number, or the least and the most. */
  depth: z.union([z.int().min(1).max(16), z.tuple([z.int().min(1), z.int().max(16)])]).default([1, 3]),
  severity: z.int().min(1).max(BINS).default(3),
  alpha: z.number().positive().max(100).default(1),
});

/**
 * AugMix: several short chains of operations over one image, blended with each other and with the image (Hendrycks
 * et al., 2020): x̃ = (1 − m)·x + m·Σ wₖ·chainₖ(x), w ~ Dirichlet(α), m ~ Beta(α, α).
 *
 * Options: `width` chains (default 3) of `depth` operations each (a number or [least, most], default [1, 3]),
 * magnitudes among the lowest `severity` of 10 bins (default 3), `alpha` (default 1), `operations` by name. Masks,
 * boxes and keypoints cannot follow operations that move pixels: with such targets give `operations` without them.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example augMix({ severity: 5 })
 */
export const augMix = (given: z.input<typeof options> = {}) => {
  if (Array.isArray(given.depth) && (given.depth[0] as number) > (given.depth[1] as number)) {
    throw new UsageError(
      `augMix: depth: expected [least, most] but received [${given.depth.join(', ')}]; swap them`,
    );
  }
  return policyOperator('augMix', options, given, drawMix, [...POLICY_OPS, blendOp]);
};

function drawMix(
  draws: Draws,
  { operations, width, depth, severity, alpha, ...sampling }: z.output<typeof options>,
): Draw[] {
  const [least, most] = typeof depth === 'number' ? [depth, depth] : depth;
  const mixed = draws.beta(alpha, alpha);
  const shares = dirichlet(draws, alpha, width);
  const branches = shares.map(() =>
    Array.from({ length: least + draws.int(most - least + 1) }).flatMap(() =>
      drawOp(draws, draws.choice(operations), draws.int(severity) / (BINS - 1), AUGMIX, sampling),
    ),
  );
  const weights = [1 - mixed, ...shares.map((share) => mixed * share)];
  return [{ op: 'blend', params: { branches: [[], ...branches], weights } }];
}
