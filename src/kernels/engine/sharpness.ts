/** Sharpness on the kernels: the twin of ../sharpness.ts, the same to the bit. */
import type { Located, Regions } from './memory.js';
import type { Address, Kernels } from './module.js';

/** Beyond it every pixel that differs from its mean is 0 or 255, and products leave what the kernel can round. */
const STRONGEST = 16000;

export function sharpnessOn(
  kernels: Kernels,
  regions: Regions,
  image: Located,
  to: Address,
  factor: number,
): void {
  const { at, width, height } = image;
  const sums = regions.at('column sums', 6 * width + 64);
  kernels.sharpness(at, width, height, Math.min(factor, STRONGEST), sums, to);
}
