/** Policies as operators: they draw ordinary transforms. */
import { z } from 'zod';
import { type Draw, Draws, parseOptions } from '../../core/index.js';
import { asOperator, type SampleOperator } from '../transform/define-transform.js';
import type { Op } from '../transform/op.js';
import { color, interpolation } from '../transform/options.js';
import { checkOp, FOURTEEN, POLICY_OPS } from './spaces.js';

/** Options that every policy has: torchvision's defaults. */
export const sampling = {
  interpolation: interpolation.default('nearest'),
  fill: color.default([0, 0, 0]),
};

/** Names of operations, each of them known. */
export const operations = z
  .array(z.string())
  .min(1)
  .default([...FOURTEEN]);

export function policyOperator<S extends z.ZodObject>(
  name: string,
  schema: S,
  given: z.input<S>,
  draw: (draws: Draws, options: z.output<S>, progress: number) => Draw[],
  ops: readonly Op[] = POLICY_OPS,
): SampleOperator {
  const options = parseOptions(name, schema, given) as z.output<S> & { operations?: readonly string[] };
  for (const operation of options.operations ?? []) checkOp(name, operation);
  return asOperator({
    name,
    options: options as Readonly<Record<string, unknown>>,
    ops,
    draw: (key, progress) => draw(new Draws(key), options, progress),
  });
}
