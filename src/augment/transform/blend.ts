/**
 * The weighted sum of several recipes over copies of one image: out = Σ wₖ·Rₖ(x), weights normalized to one. AugMix draws
 * it. A branch keeps the image's size; an empty one is the image itself. Targets follow no branch.
 */
import { z } from 'zod';
import type { Recipe } from '../../core/index.js';
import type { Op } from './op.js';

const draw = z.strictObject({ op: z.string(), params: z.record(z.string(), z.unknown()).default({}) });

const params = z
  .strictObject({
    branches: z.array(z.array(draw).max(64)).min(1).max(64),
    /** One for each branch; they need not sum to one. */
    weights: z.array(z.number().min(0)).min(1).max(64),
  })
  .refine(({ branches, weights }) => branches.length === weights.length && weights.some((w) => w > 0), {
    error: 'expected one weight a branch, one at least above 0',
    path: ['weights'],
  });

export const blendOp: Op = {
  name: 'blend',
  params,
  recipes: 'branches',
  lower: ({ branches, weights }, plan) => plan.blend(branches as Recipe[], weights as number[]),
};
