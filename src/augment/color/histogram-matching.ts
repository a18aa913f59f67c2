import { z } from 'zod';
import type { Raster, Tables } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval } from '../transform/options.js';

const count = z.number().min(0);
const reference = z
  .array(count)
  .length(768)
  .refine((counts) => [0, 256, 512].every((c) => counts.slice(c, c + 256).some((n) => n > 0)), {
    error: 'expected a histogram in which every channel has pixels; make it with histogramOf(image)',
  })
  .meta({ title: 'a histogram of 3 × 256 counts, as histogramOf(image) gives it' });

/**
 * Gives each channel the distribution of values of a reference image: the value at a quantile becomes the
 * reference's value at that quantile (scikit-image's match_histograms), blended with the image by `strength`.
 *
 * References are histograms, computed once by `histogramOf(image)`. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example
 * const image = { data: new Uint8Array(3 * 32 * 32).fill(90), width: 32, height: 32 };
 * histogramMatching({ references: [histogramOf(image)] });
 */
export const histogramMatching = defineTransform({
  name: 'histogramMatching',
  options: z.strictObject({
    /** [3 · 256] counts each, of which one is chosen at random. */
    references: z.array(reference).min(1),
    /** 0 is the image, 1 the full match; default 0.5 to 1. */
    strength: interval(0, 1).default([0.5, 1]),
  }),
  params: z.strictObject({ reference, strength: z.number().min(0).max(1) }),
  p: 0.5,
  draw: (draws, { references, strength }) => ({
    reference: draws.choice(references),
    strength: between(draws, strength),
  }),
  lower({ reference, strength }, plan) {
    if (strength === 0) return;
    plan.fromHistogram('histogramMatching', (counts) => matching(counts, reference, strength));
  },
});

/**
 * The histogram of an image of [H, W, 3] uint8, [3 · 256] counts: a reference of `histogramMatching`.
 *
 * @example histogramOf({ data: new Uint8Array(3 * 4), width: 2, height: 2 })[0] // → 4
 */
export function histogramOf({ data, width, height }: Raster): number[] {
  const counts = new Array<number>(768).fill(0);
  for (let i = 0; i < 3 * width * height; i++) counts[256 * (i % 3) + (data[i] as number)]!++;
  return counts;
}

function matching(counts: Int32Array, reference: readonly number[], strength: number): Tables {
  const tables = new Uint8Array(768);
  for (let c = 0; c < 768; c += 256) {
    const target = quantiles(reference.slice(c, c + 256));
    const pixels = counts.subarray(c, c + 256).reduce((sum, n) => sum + n, 0);
    let below = 0;
    let k = 0;
    for (let i = 0; i < 256; i++) {
      below += counts[c + i] as number;
      const q = below / pixels;
      while (k < target.length - 1 && (target[k]?.[1] as number) < q) k++;
      const [value, at] = target[k] as [number, number];
      const [lower, before] = target[Math.max(0, k - 1)] as [number, number];
      // Between two values that occur, a straight line; outside them, the nearest.
      const matched =
        q >= at || at === before
          ? value
          : q <= before
            ? lower
            : lower + ((value - lower) * (q - before)) / (at - before);
      tables[c + i] = Math.floor(i + strength * (matched - i) + 0.5);
    }
  }
  return tables;
}

/** [value, share of the pixels up to it] of every value that occurs. */
function quantiles(counts: readonly number[]): [number, number][] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  let below = 0;
  return counts.flatMap((n, value): [number, number][] => {
    below += n;
    return n > 0 ? [[value, below / total]] : [];
  });
}
