/** Rows of low frequencies on the kernels: the twin of ../frequencies.ts, the same to the bit. */
import { type FrequencyRows, waves } from '../frequencies.js';
import type { Located, Regions } from './memory.js';
import type { Address, Kernels } from './module.js';

export function frequencyRowsOn(
  kernels: Kernels,
  regions: Regions,
  { at, width }: Located,
  to: Address,
  U: number,
): FrequencyRows {
  const pairs = waves(U, width);
  const wavesAt = regions.at('waves', 8 * pairs.length);
  const sharesAt = regions.at('wave shares', 48 * (U + 1));
  regions.float64(wavesAt, pairs.length).set(pairs);
  return {
    sums(y, sums) {
      kernels.frequencyRow(at + 3 * width * y, width, wavesAt, U + 1, sharesAt);
      sums.set(regions.float64(sharesAt, sums.length));
    },
    add(y, shares) {
      regions.float64(sharesAt, shares.length).set(shares);
      const line = 3 * width * y;
      kernels.addFrequencyRow(at + line, width, wavesAt, U + 1, sharesAt, to + line);
    },
  };
}
