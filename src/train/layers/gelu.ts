/** x·Φ(x), any shape, exactly or by the tanh approximation: see ops/gelu.ts. */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { gelu as smooth } from '../ops/gelu.js';
import type { Layer } from './layer.js';

export const geluOptions = z.strictObject({
  /** 'erf' is exact; 'tanh' is the approximation that some published weights were trained with. */
  form: z.enum(['erf', 'tanh']).default('erf'),
  name: z.string().optional(),
});

export function gelu(options: z.input<typeof geluOptions> = {}): Layer {
  const parsed = parseOptions('gelu', geluOptions, options);
  return {
    config: { layer: 'gelu', ...parsed },
    init: (_, input) => input,
    apply: (_, x) => smooth(x, parsed.form),
  };
}
