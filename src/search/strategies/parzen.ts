/** The tree-structured Parzen estimator over numbers in [0, 1] (Bergstra et al., 2011). */
import { Draws, type Key } from '../../core/index.js';

/** A point with its score; higher is better. */
export interface Point {
  /** In [0, 1] each. */
  readonly values: readonly number[];
  readonly score: number;
}

/** Points that are drawn, of which one is taken. */
const TRIES = 24;
/** Of a kernel; narrower ones would only repeat what was tried. */
const NARROWEST = 0.1;

/** Of n points so many are good: few, so that the first good ones do not keep the search where they are. */
const goodOf = (n: number) => Math.max(1, Math.ceil(Math.sqrt(n) / 2));

/**
 * A new point: points are drawn from the density of the good ones, and of 24 that one is taken at which this density is
 * largest beside that of the others. Densities are products over the numbers; of each number a sum of a kernel for each
 * point, normal and cut to [0, 1], and of one uniform. The draw is chosen as a whole: choosing number by number proposes
 * nearly the same point each time. A pure function of the points and the key.
 */
export function propose(points: readonly Point[], key: Key): number[] {
  const byScore = [...points].sort((one, other) => other.score - one.score);
  const cut = goodOf(points.length);
  const dimensions = [...(points[0]?.values ?? []).keys()];
  const column = (rows: readonly Point[], d: number) => rows.map(({ values }) => values[d] as number);
  const good = dimensions.map((d) => density(column(byScore.slice(0, cut), d)));
  const rest = dimensions.map((d) => density(column(byScore.slice(cut), d)));
  const draws = new Draws(key);
  let [best, chosen] = [Number.NEGATIVE_INFINITY, [] as number[]];
  for (let i = 0; i < TRIES; i++) {
    const values = good.map((one) => one.draw(draws));
    const ratio = logOf(good, values) - logOf(rest, values);
    if (ratio > best) [best, chosen] = [ratio, values];
  }
  return chosen;
}

const logOf = (densities: readonly Density[], values: readonly number[]) =>
  densities.reduce((sum, one, d) => sum + Math.log(one.at(values[d] as number)), 0);

interface Density {
  at(x: number): number;
  draw(draws: Draws): number;
}

/** Kernels at these values and one uniform over [0, 1], all of the same weight. */
function density(centers: readonly number[]): Density {
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
