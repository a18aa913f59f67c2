/** Shares of chains that are blended. */
import type { Draws } from '../../core/index.js';

/**
 * Shares of `width` chains, Dirichlet(α, …, α). Where α is so small that every gamma underflows to 0, one chain gets all,
 * which is the limit of the distribution.
 */
export function dirichlet(draws: Draws, alpha: number, width: number): number[] {
  const shares = Array.from({ length: width }, () => draws.gamma(alpha));
  const sum = shares.reduce((total, share) => total + share, 0);
  if (sum > 0) return shares.map((share) => share / sum);
  const all = draws.int(width);
  return shares.map((_, i) => Number(i === all));
}
