import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Spreads the values of each channel evenly by its cumulative histogram: Pillow's ImageOps.equalize, exactly.
 *
 * Default `p`: 0.5.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example equalize({ p: 0.2 })
 */
export const equalize = defineTransform({
  name: 'equalize',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.fromHistogram('equalize', equalizing),
});

/** [3, 256] counts to [3, 256] tables. */
function equalizing(counts: Int32Array): Uint8Array {
  const tables = new Uint8Array(768);
  for (let c = 0; c < 768; c += 256) {
    let occupied = 0;
    let total = 0;
    let last = 0;
    for (let i = c; i < c + 256; i++) {
      const n = counts[i] as number;
      if (n === 0) continue;
      occupied++;
      total += n;
      last = n;
    }
    const step = Math.floor((total - last) / 255);
    let n = step >> 1;
    for (let i = 0; i < 256; i++) {
      tables[c + i] = occupied <= 1 || step === 0 ? i : Math.min(255, Math.floor(n / step));
      n += counts[c + i] as number;
    }
  }
  return tables;
}
