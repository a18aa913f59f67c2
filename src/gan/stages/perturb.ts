/**
 * Perturbed codes of the same class (c is the code, X ~ N(0, 1), y a code of the class, μ and σ its mean and deviation):
 *   noise          c + γ·X·σ, σ of all codes               (DeVries and Taylor, 2017)
 *   interpolate    c + λ·(y − c), y among the nearest      (the same; Cheung and Yeung, "MODALS", 2021)
 *   extrapolate    c + λ·(c − y), or c + λ·(c − μ)         (the former; MODALS)
 *   linearPolate   c + λ·(y₁ − y₂)                         (MODALS)
 *   resample       c + γ·X·σ_c                             (MODALS)
 */
import type { Draws } from '../../core/index.js';
import type { ClassCodes, CodesByClass } from './bank.js';

export const MODES = ['noise', 'interpolate', 'extrapolate', 'linearPolate', 'resample'] as const;
export type Mode = (typeof MODES)[number];

export interface Perturbation {
  readonly mode: Mode;
  /** γ */
  readonly sigma: number;
  /** λ */
  readonly lambda: number;
  /** How many neighbors are candidates; below 1, a share of the class. */
  readonly neighbors: number;
  /** The point that extrapolation moves away from. */
  readonly from: 'neighbor' | 'mean';
}

/** The perturbed code, or nothing if its class has too few codes. `index` is the sample of the code, which is never its own partner. */
export function perturb(
  code: Float32Array,
  index: number,
  label: number,
  bank: CodesByClass,
  draws: Draws,
  { mode, sigma: gamma, lambda, neighbors, from }: Perturbation,
): Float32Array | undefined {
  const own = bank.byClass.get(label);
  if (mode === 'noise' && isOneCode(bank)) return undefined;
  if (mode === 'noise') return code.map((c, i) => c + gamma * draws.normal() * bank.sigma[i]);
  // The mean of one code is that code, and its deviation 0: the code would not change.
  const byStatistics = mode === 'resample' || (mode === 'extrapolate' && from === 'mean');
  if (!own || (byStatistics && own.codes.length < 2)) return undefined;
  if (mode === 'resample') return code.map((c, i) => c + gamma * draws.normal() * own.sigma[i]);
  if (mode === 'extrapolate' && from === 'mean') return code.map((c, i) => c + lambda * (c - own.mean[i]));
  const others = own.codes.filter((_, i) => own.indices[i] !== index);
  if (mode === 'linearPolate') {
    if (others.length < 2) return undefined;
    const first = draws.int(others.length);
    const second = (first + 1 + draws.int(others.length - 1)) % others.length; // another one
    return code.map((c, i) => c + lambda * (others[first][i] - others[second][i]));
  }
  if (others.length === 0) return undefined;
  const near = nearest(code, others, countOf(neighbors, own));
  const y = near[draws.int(near.length)];
  const sign = mode === 'interpolate' ? 1 : -1;
  return code.map((c, i) => c + sign * lambda * (y[i] - c));
}

function isOneCode({ byClass }: CodesByClass): boolean {
  const [first, second] = byClass.values();
  return second === undefined && first?.codes.length === 1;
}

function countOf(neighbors: number, { codes }: ClassCodes): number {
  return Math.max(1, neighbors < 1 ? Math.round(neighbors * codes.length) : neighbors);
}

function nearest(code: Float32Array, others: readonly Float32Array[], count: number): Float32Array[] {
  const distance = (other: Float32Array) => code.reduce((sum, c, i) => sum + (other[i] - c) ** 2, 0);
  return others
    .map((other) => ({ other, far: distance(other) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map(({ other }) => other);
}
