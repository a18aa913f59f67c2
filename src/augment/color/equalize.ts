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
    const channel = counts.subarray(c, c + 256);
    const occupied = channel.filter((n) => n > 0);
    const total = occupied.reduce((sum, n) => sum + n, 0);
    const step = Math.floor((total - (occupied.at(-1) ?? 0)) / 255);
    let n = step >> 1;
    for (let i = 0; i < 256; i++) {
      tables[c + i] = occupied.length <= 1 || step === 0 ? i : Math.min(255, Math.floor(n / step));
      n += channel[i] as number;
    }
  }
  return tables;
}
