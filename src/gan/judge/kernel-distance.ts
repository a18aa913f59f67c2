import type { Features } from './features.js';

/** The result of `kernelDistance`. */
export interface KernelDistance {
  readonly distance: number;
  /** Its standard error. */
  readonly error: number;
}

/**
 * The kernel distance of two sets of points (KID; Bińkowski et al., 2018): the unbiased MMD² with k(x, y) = (xᵀy/F + 1)³, and its
 * standard error by the two-sample jackknife. It may be slightly negative. Compare only distances of the same features.
 *
 * @example
 * const points = (rows: number[][]) => ({ data: Float32Array.from(rows.flat()), count: rows.length, width: 2, labels: new Int32Array(rows.length) });
 * const real = points([[0, 0], [1, 0], [0, 1], [1, 1]]);
 * const { distance, error } = kernelDistance(real, points([[2, 0], [3, 0], [2, 1], [3, 1]]));
 * console.log(distance > error); // → true
 */
export function kernelDistance(a: Features, b: Features): KernelDistance {
  const [n, m] = [a.count, b.count];
  const [withinA, withinB] = [within(a), within(b)];
  const { rows, columns } = across(a, b);
  const [sumA, sumB, sumAB] = [withinA, withinB, rows].map(total);
  const mmd = (ofA: number, n: number, ofB: number, m: number, ofAB: number) =>
    ofA / (n * (n - 1)) + ofB / (m * (m - 1)) - (2 * ofAB) / (n * m);
  const lessOneOfA = rows.map((row, i) => mmd(sumA - 2 * withinA[i], n - 1, sumB, m, sumAB - row));
  const lessOneOfB = columns.map((column, j) => mmd(sumA, n, sumB - 2 * withinB[j], m - 1, sumAB - column));
  return {
    distance: mmd(sumA, n, sumB, m, sumAB),
    error: Math.sqrt(jackknife(lessOneOfA) + jackknife(lessOneOfB)),
  };
}

/** Variance of a statistic, from its values with each point left out. */
function jackknife(values: Float64Array): number {
  const mean = total(values) / values.length;
  return ((values.length - 1) / values.length) * total(values.map((value) => (value - mean) ** 2));
}

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

/** For each point, Σ k with all others of its set. */
function within(points: Features): Float64Array {
  const sums = new Float64Array(points.count);
  for (let i = 0; i < points.count; i++) {
    for (let j = 0; j < i; j++) {
      const value = kernel(points, i, points, j);
      sums[i] += value;
      sums[j] += value;
    }
  }
  return sums;
}

/** For each point, Σ k with all points of the other set. */
function across(a: Features, b: Features) {
  const [rows, columns] = [new Float64Array(a.count), new Float64Array(b.count)];
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      const value = kernel(a, i, b, j);
      rows[i] += value;
      columns[j] += value;
    }
  }
  return { rows, columns };
}

function kernel(a: Features, i: number, b: Features, j: number): number {
  const { width } = a;
  let product = 0;
  for (let k = 0; k < width; k++) product += a.data[i * width + k] * b.data[j * width + k];
  return (product / width + 1) ** 3;
}
