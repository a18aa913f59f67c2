/**
 * The mark of `mapPixels` in a recipe: the draws before it were rendered on the main thread, and the result is now the
 * image of the sample. It renders to nothing; as JSON it is refused, because a function cannot be replayed.
 */
import { z } from 'zod';
import { BadSampleError, type Draw, UsageError } from '../../core/index.js';
import type { Op } from '../transform/op.js';

const NAME = 'mapPixels';

export const mainThreadOp: Op = {
  name: NAME,
  params: z
    .strictObject({
      name: z.string(),
      thread: z.literal('main'),
      after: z.array(z.unknown()),
      failed: z.string().optional(),
    })
    .refine(
      () => false,
      'a function ran here on the main thread and cannot be replayed; write it as a transform of a plugin',
    ),
  lower({ failed }) {
    if (typeof failed === 'string') throw new BadSampleError(failed);
  },
};

/**
 * `after` holds the draws that were rendered before the function was called. `failed` is the reason why it was not: such
 * a sample is bad wherever it is rendered, even if a decoder with other limits could read it.
 */
export function mainThreadMark(name: string, after: readonly Draw[], failed?: string): Draw {
  if (after.some(({ op }) => op === 'normalize')) {
    throw new UsageError(
      `mapPixels '${name}': expected bytes but normalize comes before it; put it before normalize`,
    );
  }
  return { op: NAME, params: { name, thread: 'main', after, ...(failed !== undefined && { failed }) } };
}

/** The names of the functions that ran on the main thread before this recipe. */
export function mainThreadIn(recipe: readonly Draw[]): string[] {
  return recipe.flatMap(({ op, params }) =>
    op === NAME
      ? [...mainThreadIn((params as { after: readonly Draw[] }).after), (params as { name: string }).name]
      : [],
  );
}
