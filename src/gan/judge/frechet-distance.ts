import type { Features } from './features.js';
import { eigen, multiply, squareRoot } from './symmetric.js';

/**
 * The Fréchet distance of two sets of points, each modeled by a normal distribution (FID; Heusel et al., 2017):
 * ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2·(C₁^½·C₂·C₁^½)^½). It is biased upwards for few points: compare only distances of equally many
 * points of the same features.
 *
 * @example
 * const points = (rows: number[][]) => ({ data: Float32Array.from(rows.flat()), count: rows.length, width: 2, labels: new Int32Array(rows.length) });
 * const real = points([[0, 0], [1, 0], [0, 1], [1, 1]]);
 * const moved = points([[2, 0], [3, 0], [2, 1], [3, 1]]);
 * console.log(frechetDistance(real, moved).toFixed(3)); // → 4.000
 */
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
  const centered = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < width; k++) centered[k] = data[row * width + k] - mean[k];
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) covariance[i * width + j] += centered[i] * centered[j];
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
