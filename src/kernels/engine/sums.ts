/** Sums of pixels and of their squares on the kernels. */
import { Regions } from './memory.js';
import { instantiate, type Kernels } from './module.js';

/** Pixels that the kernel takes at once. */
const MOST = 65_536;

let kernels: Kernels | undefined;
let regions: Regions | undefined;

/**
 * Of each channel of uint8 RGB [3], exact: whole numbers below 2^53, enough for 10^11 pixels.
 */
export function channelSums(data: Uint8Array): { readonly sum: number[]; readonly squares: number[] } {
  kernels ??= instantiate();
  regions ??= new Regions(kernels.memory);
  const sums = regions.at('sums', 48);
  const pixels = regions.at('pixels', Math.min(data.length, 3 * MOST));
  regions.bytes.fill(0, sums, sums + 48);
  for (let from = 0; from < data.length; from += 3 * MOST) {
    const part = data.subarray(from, from + 3 * MOST);
    regions.bytes.set(part, pixels);
    kernels.sumChannels(pixels, part.length / 3, sums);
  }
  const all = Array.from(new BigUint64Array(kernels.memory.buffer, sums, 6), Number);
  return { sum: all.slice(0, 3), squares: all.slice(3) };
}
