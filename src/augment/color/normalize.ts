import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { channels } from '../transform/options.js';

const positive = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).readonly();
const fields = {
  /** By channel, of values in [0, 1]; default ImageNet's. */
  mean: channels.default([0.485, 0.456, 0.406]),
  std: positive.default([0.229, 0.224, 0.225]),
};

/**
 * Normalizes by channel: out = (x/255 − mean)/std, done while writing into a float32 batch. Comes last; only
 * transforms that cover parts of the image (cutout, randomErasing …) may follow, and then fill in normalized
 * units.
 *
 * The default is ImageNet's statistics; `STATISTICS` has others. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example normalize(STATISTICS.cifar10)
 */
export const normalize = defineTransform({
  name: 'normalize',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  draw: (_, { mean, std }) => ({ mean, std }),
  lower: ({ mean, std }, plan) => plan.normalize(mean, std),
});

/**
 * Mean and standard deviation by channel for `normalize`: `imagenet`, `cifar10`, and `symmetric`, which maps
 * 0..255 to −1..1.
 *
 * @example normalize(STATISTICS.symmetric)
 */
export const STATISTICS = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  symmetric: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
} as const;
