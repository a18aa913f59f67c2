/** Sharpness on the kernels: the twin of ../sharpness.ts, the same to the bit. */

import type { Located } from './memory.js';
import type { Address, Kernels } from './module.js';

export function sharpnessOn(kernels: Kernels, image: Located, to: Address, factor: number): void {
  const { at, width, height } = image;
  const line = 3 * width;
  kernels.copySpan(at, line, to);
  for (let y = 1; y < height - 1; y++) {
    const row = line * y;
    if (width > 2) kernels.sharpnessRow(at + row + 3, line, line - 6, factor, to + row + 3);
    // The ends come last: the row before may have run over the first, this one over its last.
    kernels.copySpan(at + row, 3, to + row);
    kernels.copySpan(at + row + line - 3, 3, to + row + line - 3);
  }
  if (height > 1) kernels.copySpan(at + line * (height - 1), line, to + line * (height - 1));
}
