import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { interval, resampling, sides, size } from '../transform/options.js';
import { boxParams, drawBox, type Fit, fitBox } from './random-box.js';

/** As torchvision. A wide image rejects half of the candidates; few tries would favor its middle. */
const TRIES = 10;

const fields = {
  size,
  interpolation: resampling.default('bilinear'),
  antialias: z.boolean().default(true),
};

/**
 * Crops a box of random area and aspect ratio and resizes it (Szegedy et al., "Going deeper with convolutions",
 * 2015). Crop and resize are one pass: nothing outside the box is computed. After ten boxes that do not fit it
 * takes the largest central one, as torchvision does.
 *
 * `randomResizedCrop(224)` gives 224 × 224 pixels, `randomResizedCrop([200, 300])` height and width. Masks, boxes
 * and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(randomResizedCrop(224), batch(64))
 */
export const randomResizedCrop = defineTransform({
  name: 'randomResizedCrop',
  options: z.strictObject({
    ...fields,
    /** Share of the image's area, default 0.08 to 1. */
    scale: interval(0, 1).default([0.08, 1]),
    /** Width over height, default 3/4 to 4/3. */
    ratio: interval(1e-3, 1e3).default([3 / 4, 4 / 3]),
  }),
  params: z.strictObject({ ...fields, ...boxParams, ratios: z.tuple([z.number(), z.number()]) }),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw(draws, { size, interpolation, antialias, scale, ratio }) {
    const { tries, x, y } = drawBox(draws, scale, ratio, TRIES); // field by field: a spread costs as much as the draw
    return {
      size: size as number | [number, number],
      interpolation,
      antialias,
      ratios: [ratio[0], ratio[1]] as [number, number],
      tries,
      x,
      y,
    };
  },
  lower(params, plan) {
    const [height, width] = sides(params.size);
    const box = fitBox(params, plan.width, plan.height) ?? central(params.ratios, plan.width, plan.height);
    const { x0, y0 } = box;
    const { interpolation, antialias } = params;
    const window = [x0, y0, x0 + box.width, y0 + box.height] as const;
    plan.geometry([box.width / width, 0, x0, 0, box.height / height, y0], width, height, {
      interpolation,
      antialias,
      window,
    });
  },
});

/** The largest central box whose ratio is allowed, as torchvision falls back to. */
function central([low, high]: [number, number], W: number, H: number): Fit {
  const ratio = Math.min(high, Math.max(low, W / H));
  const width = Math.min(W, Math.max(1, Math.round(H * ratio)));
  const height = Math.min(H, Math.max(1, Math.round(W / ratio)));
  return { width, height, x0: (W - width) >> 1, y0: (H - height) >> 1 };
}
