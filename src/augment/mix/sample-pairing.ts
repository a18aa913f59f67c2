import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { defineBatchTransform } from './batch-transform.js';
import { drawPairs, pairs } from './pairs.js';

/**
 * Averages the images of a pair and keeps each label (Inoue, "Data augmentation by pairing samples for images
 * classification", 2018).
 */
export const samplePairingTransform = defineBatchTransform({
  name: 'samplePairing',
  options: z.strictObject({ p: scheduled(0, 1).default(0.5) }),
  params: z.strictObject({ pairs }),
  draw: (draws, { p }, { size, progress }) =>
    size >= 2 && draws.chance(valueAt(p, progress)) ? { pairs: drawPairs(draws, size) } : undefined,
  apply({ pairs }, { data, size }) {
    const stride = data.length / size;
    const rounding = data instanceof Uint8Array ? 0.5 : 0;
    for (const [i, j] of pairs) {
      for (let p = i * stride, q = j * stride, end = p + stride; p < end; p++, q++) {
        const mean = 0.5 * (data[p] as number) + 0.5 * (data[q] as number) + rounding;
        data[p] = mean;
        data[q] = mean;
      }
    }
  },
  targets: () => undefined,
  follow: { kind: 'blend' },
});
