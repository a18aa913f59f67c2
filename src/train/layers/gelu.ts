import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { gelu as smooth } from '../ops/gelu.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const geluOptions = z.strictObject({
  /** 'erf' is exact; 'tanh' is the approximation that some published weights were trained with. Default 'erf'. */
  form: z.enum(['erf', 'tanh']).default('erf'),
  ...named,
});

/**
 * Gaussian error linear unit (Hendrycks and Gimpel, 2016): x·Φ(x), any shape, with Φ the normal distribution function,
 * or its tanh approximation ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
 * TensorFlow.js has the second derivative of the approximation wrong: use 'erf' under a gradient penalty.
 *
 * @example
 * gelu({ form: 'tanh' }).config // → { layer: 'gelu', form: 'tanh' }
 */
export function gelu(options: z.input<typeof geluOptions> = {}): Layer {
  const parsed = parseOptions('gelu', geluOptions, options);
  return {
    config: { layer: 'gelu', ...parsed },
    init: (_, input) => input,
    apply: (_, x) => smooth(x, parsed.form),
  };
}
