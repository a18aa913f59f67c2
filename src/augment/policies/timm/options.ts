/** Options that timm's three policies share. */
import { z } from 'zod';
import { color, interpolation } from '../../transform/options.js';

/** timm's default number of what it calls hparams. */
export const timmSampling = {
  /** timm draws bilinear or bicubic for each image; there is no bicubic rotation here. Default bilinear. */
  interpolation: interpolation.default('bilinear'),
  /** Shown outside the image; default timm's gray. Its training script passes the mean of the data set. */
  fill: color.default([128, 128, 128]),
  /** Share of the side that a translation of magnitude 10 covers. */
  translate: z.number().min(0).max(1).default(0.45),
};

/** Standard deviation of the magnitude, or uniform between 0 and the magnitude. */
export const deviation = z
  .union([z.number().min(0).max(1000), z.literal('uniform')])
  .meta({ title: "a number ≥ 0 or 'uniform'" });

/** timm's _LEVEL_DENOM: magnitudes are out of 10, and are cut there by default. */
export const TOP = 10;
