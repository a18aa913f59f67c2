/** The tree-structured Parzen estimator over numbers in [0, 1] (Bergstra et al., 2011). */
import { Draws, fold, type Key } from '../../core/index.js';

/** A point with its score; higher is better. */
export interface Point {
  /** In [0, 1] each. */
  readonly values: readonly number[];
  readonly score: number;
}

/** Share of the points that are good. */
const GOOD = 0.25;
/** Values that are drawn for each number, of which one is taken. */
const TRIES = 24;
/** Of a kernel; narrower ones would only repeat what was tried. */
const NARROWEST = 0.06;

/**
 * A new point: each number is drawn from a density of the good quarter of the points, and that draw is taken at which this
 * density is largest beside that of the other points. Densities are sums of a kernel for each point, normal and cut to
 * [0, 1], and of one uniform. A pure function of the points and the key; their order does not matter.
 */
export function propose(points: readonly Point[], key: Key): number[] {
  const byScore = [...points].sort((one, other) => other.score - one.score);
  const cut = Math.max(1, Math.ceil(GOOD * points.length));
  const column = (rows: readonly Point[], d: number) => rows.map(({ values }) => values[d] as number);
  return (points[0]?.values ?? []).map((_, d) => {
    const good = density(column(byScore.slice(0, cut), d));
    const rest = density(column(byScore.slice(cut), d));
    const draws = new Draws(fold(key, d));
    let [best, value] = [Number.NEGATIVE_INFINITY, 0];
    for (let i = 0; i < TRIES; i++) {
      const x = good.draw(draws);
      const ratio = good.at(x) / rest.at(x);
      if (ratio > best) [best, value] = [ratio, x];
    }
    return value;
  });
}

/** Kernels at these values and one uniform over [0, 1], all of the same weight. */
function density(centers: readonly number[]) {
  const n = centers.length;
  const mean = centers.reduce((sum, x) => sum + x, 0) / n;
  const deviation = Math.sqrt(centers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
  // Silverman's rule.
  const width = Math.max(NARROWEST, 1.06 * deviation * n ** -0.2);
  const inside = centers.map((center) => cumulative((1 - center) / width) - cumulative(-center / width));
  return {
    at(x: number): number {
      const kernels = centers.map(
        (center, i) =>
          Math.exp(-0.5 * ((x - center) / width) ** 2) /
          (width * Math.sqrt(2 * Math.PI) * (inside[i] as number)),
      );
      return (1 + kernels.reduce((sum, one) => sum + one, 0)) / (n + 1);
    },
    draw(draws: Draws): number {
      const chosen = draws.int(n + 1);
      if (chosen === n) return draws.uniform();
      // Of the centers, which lie in [0, 1], at least half of a kernel does too.
      for (;;) {
        const x = draws.normal(centers[chosen] as number, width);
        if (x >= 0 && x <= 1) return x;
      }
    },
  };
}

/** Of the standard normal; Abramowitz and Stegun 7.1.26, off by less than 1.5e-7. */
function cumulative(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - series * Math.exp(-x * x);
  return z < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}
