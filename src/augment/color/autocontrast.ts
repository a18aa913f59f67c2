import { z } from 'zod';
import { type Scheduled, scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Stretches each channel: its darkest value becomes 0, its lightest 255. Pillow's ImageOps.autocontrast, exactly.
 * `cutoff` percent of the pixels at either end are ignored as outliers.
 *
 * `autocontrast(2)` is that cutoff; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example autocontrast(2)
 */
export const autocontrast = defineTransform({
  name: 'autocontrast',
  options: z.strictObject({
    /** Percent of the pixels at either end that are ignored as outliers, default none. */
    cutoff: scheduled(0, 49.9).default(0),
  }),
  params: z.strictObject({ cutoff: z.number().min(0).max(49.9).default(0) }),
  p: 0.5,
  shorthand: (cutoff: Scheduled) => ({ cutoff }),
  draw: (_, { cutoff }) => ({ cutoff }),
  lower: ({ cutoff }, plan) =>
    plan.fromHistogram('autocontrast', (counts) => stretching(counts, cutoff), cutoff === 0),
});

/** [3, 256] counts to [3, 256] tables. */
function stretching(counts: Int32Array, cutoff: number): Uint8Array {
  const tables = new Uint8Array(768);
  for (let c = 0; c < 768; c += 256) {
    const channel = counts.slice(c, c + 256);
    const cut = cutoff === 0 ? 0 : Math.floor((channel.reduce((sum, n) => sum + n, 0) * cutoff) / 100);
    const low = trim(channel, cut, 0, 1);
    const high = trim(channel, cut, 255, -1);
    const scale = 255 / (high - low);
    const offset = -low * scale;
    for (let i = 0; i < 256; i++) {
      tables[c + i] = high <= low ? i : Math.min(255, Math.max(0, Math.trunc(i * scale + offset)));
    }
  }
  return tables;
}

/** Takes `cut` pixels away from one end of the counts, and gives the first value that is left. */
function trim(counts: Int32Array, cut: number, from: number, step: 1 | -1): number {
  let i = from;
  for (let left = cut; i >= 0 && i < 256; i += step) {
    const taken = Math.min(left, counts[i] as number);
    counts[i] = (counts[i] as number) - taken;
    left -= taken;
    if (counts[i] !== 0) break;
  }
  return i;
}
