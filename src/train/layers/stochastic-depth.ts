/** Stochastic depth: a layer, and the rates of the blocks of a network. */

import { z } from 'zod';
import { mapSchedule, parseOptions, type Scheduled } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { formSchema, invertedMask, keepMask, rateSchema, refuseScheduledTradition } from './masks.js';
import { named } from './named.js';

const shared = {
  /** Whether each sample of the batch is dropped on its own, or all together. Default 'sample'. */
  mode: z.enum(['sample', 'batch']).default('sample'),
  /** Where the expectation is kept: in training ('inverted') or at inference ('traditional'). Default 'inverted'. */
  form: formSchema.default('inverted'),
};

export const stochasticDepthOptions = z.strictObject({
  /** Probability of dropping the body. Default 0.2. */
  rate: rateSchema.default(0.2),
  ...shared,
  ...named,
});

/** For a network: the rate of its last block; the rates of the blocks rise linearly to it. */
export const networkDepthSchema = z.union([rateSchema, z.strictObject({ rate: rateSchema, ...shared })]);

/**
 * Stochastic depth (Huang et al., 2016), any shape: the last layer of a residual block's body drops the whole body, so
 * the block is relu(b·f(x) + x) with b ~ Bernoulli(1 − rate). The inverted form divides by 1 − rate in training and
 * inference returns the input; the traditional form, as in the paper, multiplies by 1 − rate at inference. A dropped
 * body is still computed (its running statistics keep moving): the gain is regularization, not time.
 *
 * @param rate Probability of dropping the body, 1 − p_l of the paper, in 0..0.999: a number or a schedule. Default 0.2.
 * @throws UsageError if the rate is out of range, or is a schedule in the traditional form.
 * @example
 * stochasticDepth(0.1, { mode: 'batch' }).config.mode // → 'batch'
 */
export function stochasticDepth(
  rate?: Scheduled,
  options: Omit<z.input<typeof stochasticDepthOptions>, 'rate'> = {},
): Layer {
  const given = positional('stochasticDepth', { rate }, options);
  const parsed = parseOptions('stochasticDepth', stochasticDepthOptions, given);
  refuseScheduledTradition('stochasticDepth', parsed);
  const isInverted = parsed.form === 'inverted';
  return {
    config: { layer: 'stochasticDepth', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      if (parsed.rate === 0) return x;
      if (!scope.noisy)
        return isInverted
          ? x
          : tf.mul(
              x,
              scope.scheduled(parsed.rate, (rate) => 1 - rate),
            );
      const count = parsed.mode === 'sample' ? x.shape[0] : 1;
      return tf.mul(
        x,
        (isInverted ? invertedMask : keepMask)(scope, [count, ...x.shape.slice(1).map(() => 1)], parsed.rate),
      );
    },
  };
}

/** The drop rate of block l of L, counted from 1: (l / L) · rate, the paper's linear decay of p_l. */
export function decayedRate(rate: Scheduled, l: number, L: number): Scheduled {
  return mapSchedule(rate, (last) => (l / L) * last);
}

/** The layer that ends the body of block l of L; undefined if the rate is 0. */
export function depthLayer(
  given: z.output<typeof networkDepthSchema>,
  l: number,
  L: number,
): Layer | undefined {
  const { rate, ...options } = typeof given === 'object' && 'mode' in given ? given : { rate: given };
  if (rate === 0) return undefined;
  return stochasticDepth(decayedRate(rate, l, L), { ...options, name: 'depth' });
}
