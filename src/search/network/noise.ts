import { Draws, fold, type Key } from '../../core/index.js';
import { tf } from '../../graph/tf.js';

const SPREAD = Math.sqrt(3);

/** [count, size], uniform with mean 0 and standard deviation 1; of each row by the key and its number alone. */
export function noiseFor(key: Key, count: number, size: number): tf.Tensor2D {
  const values = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const draws = new Draws(fold(key, row));
    for (let i = 0; i < size; i++) values[row * size + i] = draws.uniform(-SPREAD, SPREAD);
  }
  return tf.tensor2d(values, [count, size]);
}
