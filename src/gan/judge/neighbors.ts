/**
 * Metrics of generated points from nearest neighbors:
 *   precision, recall   the share of generated points covered by real ones, and of real points covered by generated
 *                       ones: inside a ball around one of them, up to its 3rd neighbor (Kynkäänniemi et al., 2019)
 *   memorized           the share of generated points that are nearer to a training image than 99 % of held-out real
 *                       images are: 0.01 if nothing is memorized
 *   diversity           the mean distance between generated points of a class divided by that of real points
 */
import { tf } from '../../graph/tf.js';
import { type Features, squaredDistance } from './features.js';

const NEIGHBORS = 3;

/** For each point the squared distance to its k-th neighbor in its own set. */
function radii(of: Features, k: number): Float64Array {
  return Float64Array.from({ length: of.count }, (_, i) => {
    const nearest: number[] = [];
    for (let j = 0; j < of.count; j++) {
      if (j === i) continue;
      const distance = squaredDistance(of, i, of, j);
      if (nearest.length === k && distance >= nearest[k - 1]) continue;
      nearest.splice(nearest.length === k ? k - 1 : nearest.length, nearest.length === k ? 1 : 0, distance);
      nearest.sort((x, y) => x - y);
    }
    return nearest[k - 1] ?? Number.POSITIVE_INFINITY;
  });
}

/**
 * The share of points inside a ball around a point of the other set, up to its k-th neighbor there: precision and recall of
 * generated points (Kynkäänniemi et al., 2019).
 *
 * @param k default 3
 *
 * @example
 * const points = (rows: number[][]) => ({ data: Float32Array.from(rows.flat()), count: rows.length, width: 2, labels: new Int32Array(rows.length) });
 * const real = points([[0, 0], [1, 0], [0, 1], [1, 1]]);
 * console.log(covered(points([[0.5, 0.5], [9, 9]]), real)); // → 0.5
 */
export function covered(points: Features, by: Features, k = NEIGHBORS): number {
  const limits = radii(by, k);
  let inside = 0;
  for (let i = 0; i < points.count; i++) {
    for (let j = 0; j < by.count; j++) {
      if (squaredDistance(points, i, by, j) > limits[j]) continue;
      inside++;
      break;
    }
  }
  return inside / points.count;
}

export interface Nearest {
  /** For each point, the row of the nearest point of the other set. */
  readonly rows: Int32Array;
  readonly distances: Float64Array;
}

/** Rows of the other set that are compared at a time. */
const CHUNK = 4096;

/**
 * For each point the nearest of another set: its row there, and the distance. A backend must be loaded: it finds
 * candidates, whose distances are then computed exactly.
 *
 * @example
 * const points = (rows: number[][]) => ({ data: Float32Array.from(rows.flat()), count: rows.length, width: 2, labels: new Int32Array(rows.length) });
 * await loadBackend('cpu');
 * const { rows, distances } = await nearestNeighbors(points([[3, 4]]), points([[9, 9], [0, 0]]));
 * console.log([...rows], [...distances]); // → [ 1 ] [ 5 ]
 */
export async function nearest(points: Features, among: Features): Promise<Nearest> {
  const rows = new Int32Array(points.count);
  const distances = new Float64Array(points.count).fill(Number.POSITIVE_INFINITY);
  for (let from = 0; from < among.count; from += CHUNK) {
    const candidates = await nearestIn(points, among, from, Math.min(CHUNK, among.count - from));
    for (let i = 0; i < points.count; i++) {
      const distance = squaredDistance(points, i, among, from + candidates[i]);
      if (distance >= distances[i]) continue;
      distances[i] = distance;
      rows[i] = from + candidates[i];
    }
  }
  return { rows, distances: distances.map(Math.sqrt) };
}

async function nearestIn(
  points: Features,
  { data, width }: Features,
  from: number,
  count: number,
): Promise<ArrayLike<number>> {
  const found = tf.tidy(() => {
    const others = tf.tensor2d(data.subarray(from * width, (from + count) * width), [count, width]);
    const middle = tf.mean(others, 0); // centered values are small, and so are rounding errors
    const [a, b] = [tf.tensor2d(points.data, [points.count, width]), others].map((x) => tf.sub(x, middle));
    return tf.argMin(
      tf.sub(tf.sum(tf.square(b), 1), tf.mul(2, tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true))),
      1,
    );
  });
  try {
    return await found.data();
  } finally {
    found.dispose();
  }
}

/**
 * The share of generated points that are nearer to a training point than 99 % of held-out real points are: 0.01 if
 * nothing is memorized, 1 if all are copies. A backend must be loaded.
 *
 * @example
 * const points = (rows: number[][]) => ({ data: Float32Array.from(rows.flat()), count: rows.length, width: 2, labels: new Int32Array(rows.length) });
 * await loadBackend('cpu');
 * const training = points([[0, 0], [9, 0]]);
 * console.log(await memorized(points([[0, 0.1]]), points([[3, 0], [5, 5]]), training)); // → 1
 */
export async function memorized(generated: Features, heldOut: Features, training: Features): Promise<number> {
  const usual = (await nearest(heldOut, training)).distances.sort();
  const limit = usual[Math.floor(usual.length / 100)];
  const found = (await nearest(generated, training)).distances.filter((distance) => distance < limit);
  return found.length / generated.count;
}

/** The mean distance between two points of one class, over all classes and pairs. */
function spread(of: Features): number {
  let [sum, pairs] = [0, 0];
  for (let i = 0; i < of.count; i++) {
    for (let j = 0; j < i; j++) {
      if (of.labels[i] !== of.labels[j]) continue;
      sum += Math.sqrt(squaredDistance(of, i, of, j));
      pairs++;
    }
  }
  return pairs === 0 ? Number.NaN : sum / pairs;
}

/**
 * The diversity of generated points: the mean distance of two of a class, divided by that of two real points of a class.
 * 1: as varied as real ones; near 0: the generator has collapsed.
 *
 * @example
 * const points = (rows: number[][]) => ({ data: Float32Array.from(rows.flat()), count: rows.length, width: 2, labels: new Int32Array(rows.length) });
 * console.log(diversity(points([[0, 0], [1, 0]]), points([[0, 0], [4, 0]]))); // → 0.25
 */
export function diversity(generated: Features, real: Features): number {
  return spread(generated) / spread(real);
}
