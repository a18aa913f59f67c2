import { Draws, keyOf } from '../../src/core/index.js';

/** Random bytes, the same for the same seed. */
export function noise(seed: number, length: number): Uint8Array {
  const draws = new Draws(keyOf(seed));
  return Uint8Array.from({ length }, () => Math.floor(draws.uniform(0, 256)));
}
