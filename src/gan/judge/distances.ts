/**
 * How far two sets of points are from one distribution:
 *   Fréchet distance   ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2·(C₁^½·C₂·C₁^½)^½)   (FID, Heusel et al., 2017)
 *   kernel distance    unbiased MMD² with k(x, y) = (xᵀy/F + 1)³   (KID, Bińkowski et al., 2018)
 * The first is biased upwards for few points, and compares only with others of as many; the second is not, and may
 * be slightly negative. Both depend on whose features the points are.
 */
import { Draws, fold, type Key, keyOf, tag } from '../../core/index.js';
import type { Features } from './features.js';
import { eigen, multiply, squareRoot } from './symmetric.js';

export function frechetDistance(a: Features, b: Features): number {
  const n = a.width;
  const [one, two] = [moments(a), moments(b)];
  const root = squareRoot(one.covariance, n);
  const inner = multiply(multiply(root, two.covariance, n), root, n);
  const { values } = eigen(inner, n);
  let distance = 0;
  for (let i = 0; i < n; i++) {
    distance += (one.mean[i] - two.mean[i]) ** 2 + one.covariance[i * n + i] + two.covariance[i * n + i];
    distance -= 2 * Math.sqrt(Math.max(0, values[i]));
  }
  return distance;
}

/** Mean [F] and unbiased covariance [F, F]. */
function moments({ data, count, width }: Features) {
  const mean = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width] += data[i] / count;
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < width; k++) centred[k] = data[row * width + k] - mean[k];
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) covariance[i * width + j] += centred[i] * centred[j];
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      const value = covariance[i * width + j] / Math.max(1, count - 1);
      covariance[i * width + j] = value;
      covariance[j * width + i] = value;
    }
  }
  return { mean, covariance };
}

export function kernelDistance(a: Features, b: Features): number {
  return (
    kernelSum(a, a) / (a.count * (a.count - 1)) +
    kernelSum(b, b) / (b.count * (b.count - 1)) -
    (2 * kernelSum(a, b)) / (a.count * b.count)
  );
}

const BLOCKS = 10;

/**
 * The kernel distance's standard error, from its values on ten random subsets (as Bińkowski et al. take them, but
 * without a point in common, so that they are independent). Points often come class after class, and then neighbours
 * in the list are no sample of the whole; the permutation is the same always.
 */
export function kernelError(a: Features, b: Features): number {
  const key = fold(keyOf(0), tag('kernelError'));
  const [ofA, ofB] = [subsets(a, fold(key, 0)), subsets(b, fold(key, 1))];
  const each = ofA.map((subset, i) => kernelDistance(subset, ofB[i]));
  const mean = each.reduce((sum, x) => sum + x, 0) / BLOCKS;
  const variance = each.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (BLOCKS - 1);
  return Math.sqrt(variance / BLOCKS);
}

function subsets(of: Features, key: Key): Features[] {
  const order = new Draws(key).permutation(of.count);
  return Array.from({ length: BLOCKS }, (_, i) => {
    const [from, to] = [i, i + 1].map((k) => Math.floor((k * of.count) / BLOCKS));
    const rows = order.subarray(from, to);
    const data = new Float32Array(rows.length * of.width);
    rows.forEach((row, n) => {
      data.set(of.data.subarray(row * of.width, (row + 1) * of.width), n * of.width);
    });
    return {
      data,
      labels: Int32Array.from(rows, (row) => of.labels[row]),
      count: rows.length,
      width: of.width,
    };
  });
}

/** Σ k(x, y) over pairs; of a set with itself without those of a point with itself. */
function kernelSum(a: Features, b: Features): number {
  const { width } = a;
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      if (a === b && i === j) continue;
      let product = 0;
      for (let k = 0; k < width; k++) product += a.data[i * width + k] * b.data[j * width + k];
      sum += (product / width + 1) ** 3;
    }
  }
  return sum;
}
