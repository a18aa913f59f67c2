import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { defineBatchTransform } from './batch-transform.js';
import { drawPairs, mixTargets, pairs } from './pairs.js';

/**
 * Blends pairs of images and their targets: x̃ = λ·x_i + (1 − λ)·x_j, λ ~ Beta(α, α) (Zhang et al., "mixup:
 * Beyond empirical risk minimization", 2018).
 */
export const mixupTransform = defineBatchTransform({
  name: 'mixup',
  options: z.strictObject({
    /** Of the Beta distribution; 0 turns mixing off. */
    alpha: scheduled(0, 100).default(0.2),
    /** Probability of mixing a batch. */
    p: scheduled(0, 1).default(1),
    /** One λ for the batch, or one for each pair. */
    granularity: z.enum(['batch', 'pair']).default('batch'),
  }),
  params: z.strictObject({ pairs, lambdas: z.array(z.number().min(0).max(1)).min(1) }),
  shorthand: (alpha) => ({ alpha }),
  draw(draws, options, { size, progress }) {
    const alpha = valueAt(options.alpha, progress);
    if (!draws.chance(valueAt(options.p, progress)) || alpha === 0 || size < 2) return undefined;
    const count = options.granularity === 'batch' ? 1 : size >> 1;
    return {
      pairs: drawPairs(draws, size),
      lambdas: Array.from({ length: count }, () => draws.beta(alpha, alpha)),
    };
  },
  apply({ pairs, lambdas }, { data, size }) {
    const stride = data.length / size;
    const rounding = data instanceof Uint8Array ? 0.5 : 0;
    pairs.forEach(([i, j], n) => {
      const lambda = lambdas[lambdas.length === 1 ? 0 : n] as number;
      const rest = 1 - lambda;
      for (let p = i * stride, q = j * stride, end = p + stride; p < end; p++, q++) {
        const [x, y] = [data[p] as number, data[q] as number];
        data[p] = lambda * x + rest * y + rounding;
        data[q] = lambda * y + rest * x + rounding;
      }
    });
  },
  targets: ({ pairs, lambdas }, soft, { size }) => mixTargets(pairs, lambdas, soft, size),
  follow: {
    kind: 'blend',
    weights: ({ pairs, lambdas }) =>
      pairs.flatMap(([i, j], n): [number, number, number][] => {
        const lambda = lambdas[lambdas.length === 1 ? 0 : n] as number;
        return [
          [i, j, lambda],
          [j, i, lambda],
        ];
      }),
  },
});
