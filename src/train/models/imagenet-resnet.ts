import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { batchNorm, conv2d, dense, dropout, globalPool, maxPool, relu, sequential } from '../layers/index.js';
import { rateSchema } from '../layers/masks.js';
import { depthLayer, networkDepthSchema } from '../layers/stochastic-depth.js';
import type { Model } from './model.js';
import { basicBlock, bottleneck } from './residual-block.js';
import { torchvision } from './weight-layout.js';

export const imagenetResnetOptions = z.strictObject({
  /** Filters of the first stage; each next one has twice as many. Published weights are for 64. Default 64. */
  width: z.int().min(1).default(64),
  /** Drop rate of the last block, to which those before it rise linearly; or { rate, mode, form }. Default 0. */
  stochasticDepth: networkDepthSchema.default(0),
  /** Dropout rate before the head, in 0..0.999: a number or a schedule. Default 0. */
  dropout: rateSchema.default(0),
});
type Options = z.input<typeof imagenetResnetOptions>;

/** Blocks of each stage, and their kind. */
const VARIANTS = {
  resnet18: { blocks: [2, 2, 2, 2], deep: false },
  resnet34: { blocks: [3, 4, 6, 3], deep: false },
  resnet50: { blocks: [3, 4, 6, 3], deep: true },
} as const;
type Variant = keyof typeof VARIANTS;

/**
 * ResNet-18 for photos of 224 pixels (He et al., "Deep residual learning for image recognition", 2016), layer for layer as
 * torchvision has it, so that its weights fit: a 7×7 convolution with stride 2, a 3×3 max pool with stride 2, four stages
 * of two blocks of two 3×3 convolutions, the mean of each channel, and a dense head. 11,689,512 parameters for a thousand
 * classes. Images [B, H, W, C] → logits [B, classes]; any size from 32 pixels on has the same weights.
 *
 * @throws UsageError if an option is out of range.
 * @example
 * resnet18({ stochasticDepth: 0.1 }).name // → 'resnet18'
 */
export function resnet18(options: Options = {}): Model {
  return imagenetResnet('resnet18', options);
}

/**
 * ResNet-34 for photos of 224 pixels: as `resnet18`, with stages of 3, 4, 6 and 3 blocks. 21,797,672 parameters for a
 * thousand classes.
 *
 * @throws UsageError if an option is out of range.
 * @example
 * resnet34().config.width // → 64
 */
export function resnet34(options: Options = {}): Model {
  return imagenetResnet('resnet34', options);
}

/**
 * ResNet-50 for photos of 224 pixels: stages of 3, 4, 6 and 3 bottlenecks, each of a 1×1, a 3×3 and a 1×1 convolution to
 * four times as many channels. The stride is that of the 3×3 convolution, as in torchvision ("v1.5"), and not of the first
 * one, as in the paper. 25,557,032 parameters for a thousand classes.
 *
 * @throws UsageError if an option is out of range.
 * @example
 * resnet50({ dropout: 0.2 }).name // → 'resnet50'
 */
export function resnet50(options: Options = {}): Model {
  return imagenetResnet('resnet50', options);
}

function imagenetResnet(variant: Variant, options: Options): Model {
  const parsed = parseOptions(variant, imagenetResnetOptions, options);
  const { width, stochasticDepth } = parsed;
  const { blocks, deep } = VARIANTS[variant];
  const all = blocks.reduce((sum: number, count) => sum + count, 0);

  const stage = (nth: number) => {
    const filters = width * 2 ** nth;
    const before = blocks.slice(0, nth).reduce((sum: number, count) => sum + count, 0);
    const list = Array.from({ length: blocks[nth] as number }, (_, i) => {
      const common = {
        filters,
        stride: nth > 0 && i === 0 ? 2 : 1,
        drop: depthLayer(stochasticDepth, before + i + 1, all),
        name: `block${i + 1}`,
      };
      return deep ? bottleneck({ ...common, widens: i === 0 }) : basicBlock({ ...common, shortcut: 'B' });
    });
    return sequential(list, { name: `stage${nth + 1}` });
  };

  return {
    name: `${variant}${width === 64 ? '' : `x${width}`}`,
    config: { model: variant, ...parsed },
    weights: torchvision,
    layers: (classes) =>
      sequential([
        sequential(
          [
            conv2d(width, { kernel: 7, stride: 2, padding: 3, bias: false, name: 'conv' }),
            batchNorm({ name: 'norm' }),
            relu(),
            maxPool(3, { stride: 2, padding: 1 }),
          ],
          { name: 'stem' },
        ),
        ...blocks.map((_, nth) => stage(nth)),
        globalPool(),
        ...(parsed.dropout === 0 ? [] : [dropout(parsed.dropout)]),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}
