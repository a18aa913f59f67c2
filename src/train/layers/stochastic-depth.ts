/**
 * Stochastic depth (Huang et al., 2016): the last layer of a residual block's body drops the whole of it, so
 * that the block is H = relu(b·f(x) + x) with b ~ Bernoulli(1 − rate); one b for each sample or for the whole
 * batch. Inverted: divided by 1 − rate in training. Traditional, as in the paper: multiplied by 1 − rate at
 * inference. `decayedRate` gives the linear decay with depth. A dropped body is computed all the same (its
 * running statistics go on moving); the gain is regularization, not time.
 */

import { z } from 'zod';
import { mapSchedule, parseOptions, type Scheduled, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { formSchema, keepMask, rateSchema, refuseScheduledTradition } from './masks.js';

const shared = {
  /** Who is dropped together. */
  mode: z.enum(['sample', 'batch']).default('sample'),
  form: formSchema.default('inverted'),
};

export const stochasticDepthOptions = z.strictObject({
  /** Probability of dropping the body, 1 − p_l; a number or a schedule. */
  rate: rateSchema.default(0.2),
  ...shared,
  name: z.string().optional(),
});

/** For a network: the rate of its last block, to which those before rise linearly from the first. */
export const networkDepthSchema = z.union([rateSchema, z.strictObject({ rate: rateSchema, ...shared })]);

export function stochasticDepth(options: z.input<typeof stochasticDepthOptions> = {}): Layer {
  const parsed = parseOptions('stochasticDepth', stochasticDepthOptions, options);
  refuseScheduledTradition('stochasticDepth', parsed);
  const isInverted = parsed.form === 'inverted';
  return {
    config: { layer: 'stochasticDepth', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (rate === 0) return x;
      if (!scope.noisy) return isInverted ? x : tf.mul(x, 1 - rate);
      const count = parsed.mode === 'sample' ? x.shape[0] : 1;
      const mask = keepMask(scope, [count, ...x.shape.slice(1).map(() => 1)], rate);
      return tf.mul(x, isInverted ? tf.div(mask, 1 - rate) : mask);
    },
  };
}

/** The drop rate of block l of L, counted from 1: (l / L) · rate, the paper's linear decay of p_l. */
export function decayedRate(rate: Scheduled, l: number, L: number): Scheduled {
  return mapSchedule(rate, (last) => (l / L) * last);
}

/** The layer that ends the body of block l of L; undefined where nothing is ever dropped. */
export function depthLayer(
  given: z.output<typeof networkDepthSchema>,
  l: number,
  L: number,
): Layer | undefined {
  const options = typeof given === 'object' && 'mode' in given ? given : { rate: given };
  if (options.rate === 0) return undefined;
  return stochasticDepth({ ...options, rate: decayedRate(options.rate, l, L), name: 'depth' });
}
