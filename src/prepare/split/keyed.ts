/** Random numbers that depend on a name and a key alone: where an image goes does not depend on the others. */
import { hash, type Key } from '../../core/random.js';

/**
 * A number in (0, 1) from a key and a name, such as a content hash: 52 bits of Threefry over two 32-bit hashes of the name.
 * Never 0, so its logarithm is finite.
 */
export function keyedUniform(key: Key, name: string): number {
  let [a, b] = [0x811c9dc5 | 0, 0x9747b28c | 0];
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
  }
  const [high, low] = hash(key, a, b);
  return ((high >>> 6) * 67108864 + (low >>> 6) + 0.5) / 2 ** 52;
}
