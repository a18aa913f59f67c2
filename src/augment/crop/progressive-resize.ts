import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { type Draw, parseOptions, type Sample } from '../../core/index.js';
import { linked } from '../../core/lineage.js';
import { expectItems } from '../../core/order.js';
import { map } from '../../core/rx.js';
import { resampling, size } from '../transform/options.js';
import { resize } from './resize.js';

const progressiveResizeOptions = z
  .strictObject({
    /** Sides, or [height, width], in the order of their use. */
    sizes: z.array(size).min(1),
    /** The epoch, counted from 0, from which each size but the first is used. */
    epochs: z
      .array(z.int().min(1))
      .refine((list) => list.every((v, i) => i === 0 || v > (list[i - 1] as number)), {
        error: 'expected epochs in rising order',
      }),
    interpolation: resampling.default('bilinear'),
    antialias: z.boolean().default(true),
  })
  .refine(({ sizes, epochs }) => sizes.length === epochs.length + 1, {
    error: 'expected one size more than there are epochs',
    path: ['sizes'],
  });

/**
 * Progressive resizing (Howard, 2018; Tan and Le, 2021): small images first, larger ones from given epochs on. The
 * size depends on the epoch alone, so every batch has one size and a resumed run continues with the right one;
 * `oneOf` and the like therefore refuse it. It comes after transforms that count in pixels (padCrop, cutout) and
 * before `batch`. The trainer needs `imageSize` with it, and a model whose weights fit any size.
 *
 * Options: `sizes` in the order of their use; `epochs`, counted from 0, from which each size but the first is
 * used; `interpolation` (default 'bilinear') and `antialias` (default true). Masks, boxes and keypoints move with
 * the pixels.
 *
 * @throws {UsageError} if there is not one size more than epochs, epochs do not rise, or an option is unknown
 * @example webdataset('train-*.tar').pipe(progressiveResize({ sizes: [16, 24, 32], epochs: [5, 10] }), batch(64))
 */
export function progressiveResize(
  options: z.input<typeof progressiveResizeOptions>,
): MonoTypeOperatorFunction<Sample> {
  const parsed = parseOptions('progressiveResize', progressiveResizeOptions, options);
  const { sizes, epochs, interpolation, antialias } = parsed;
  const draws: Draw[] = sizes.map((side) => ({
    op: resize.op.name,
    params: { size: side, keepRatio: false, interpolation, antialias },
  }));
  const resized = map((sample: Sample) => {
    const stage = epochs.filter((epoch) => epoch <= sample.epoch).length;
    return sample.drawn([draws[stage] as Draw]);
  });
  // By this name choices such as oneOf refuse it: one size must hold for the whole epoch.
  return function progressiveResize(from) {
    expectItems('progressiveResize', 'samples', from);
    return linked(resized(from), { from, opaque: 'progressiveResize' });
  };
}
