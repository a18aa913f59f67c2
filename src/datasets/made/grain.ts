import { hash, type Key } from '../../core/index.js';

/** The deviation of `grains`: that of the triangle which the sum of two bytes, less 255, is. */
const DEVIATION = 104;

/** The noise of a sensor for `count` numbers, with a mean of 0 and a deviation in levels. */
export function grains(key: Key, count: number, deviation: number): Float64Array {
  const noise = new Float64Array(count);
  const scale = deviation / DEVIATION;
  let [a, b] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) [a, b] = hash(key, i, 0);
    const shift = 8 * (i % 4);
    noise[i] = scale * (((a >>> shift) & 255) + ((b >>> shift) & 255) - 255);
  }
  return noise;
}
