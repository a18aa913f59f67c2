/** Rows of a batch paired off at random: each row has one partner, and is its partner's partner. */
import { z } from 'zod';
import type { Draws } from '../../core/index.js';

export const pairs = z.array(z.tuple([z.int().min(0), z.int().min(0)]));
export type Pair = [number, number];

/** ⌊B/2⌋ pairs; with B odd one row stays as it is. */
export function drawPairs(draws: Draws, size: number): Pair[] {
  const order = draws.permutation(size);
  return Array.from({ length: size >> 1 }, (_, i) => [order[2 * i] as number, order[2 * i + 1] as number]);
}

/** target ← λ·target + (1 − λ)·partner's target, for both of each pair; λ is one number, or one a pair. */
export function mixTargets(
  pairs: readonly Pair[],
  lambdas: readonly number[],
  soft: Float32Array,
  size: number,
): void {
  const classes = soft.length / size;
  pairs.forEach(([i, j], n) => {
    const lambda = lambdas[lambdas.length === 1 ? 0 : n] as number;
    for (let k = 0; k < classes; k++) {
      const [p, q] = [soft[i * classes + k] as number, soft[j * classes + k] as number];
      soft[i * classes + k] = lambda * p + (1 - lambda) * q;
      soft[j * classes + k] = lambda * q + (1 - lambda) * p;
    }
  });
}
