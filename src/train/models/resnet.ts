/**
 * ResNet for small images (He et al., "Deep residual learning for image recognition", 2016, section 4.2):
 * depth 6n + 2, three stages of n blocks with 16, 32 and 64 filters; two 3×3 convolutions a block, each
 * with batch norm; stages two and three halve the image. Convolutions have no bias and pad one pixel on each
 * side. ResNet-20 with shortcut A has 269,722 parameters for ten classes.
 */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  globalPool,
  type Layer,
  relu,
  residual,
  sequential,
  subsample,
} from '../layers/index.js';
import { rateSchema } from '../layers/masks.js';
import { depthLayer, networkDepthSchema } from '../layers/stochastic-depth.js';
import type { Model } from './model.js';

export const resnetOptions = z.strictObject({
  /** 8 and 14 are for minutes, 20 for an hour, 56 for a day. */
  depth: z.union([z.literal(8), z.literal(14), z.literal(20), z.literal(32), z.literal(44), z.literal(56)]),
  /** What bridges a change of shape: 'A' subsamples and pads with zeros, as in the paper; 'B' is a 1×1 convolution. */
  shortcut: z.enum(['A', 'B']).default('A'),
  /** Filters of the first stage. */
  width: z.int().min(1).default(16),
  /** Drop rate of the last block, to which those before it rise linearly; or { rate, mode, form }. */
  stochasticDepth: networkDepthSchema.default(0),
  /** Before the dense head; a number or a schedule. */
  dropout: rateSchema.default(0),
});

export function resnet(
  depth: z.input<typeof resnetOptions>['depth'],
  options: Omit<z.input<typeof resnetOptions>, 'depth'> = {},
): Model {
  const parsed = parseOptions('resnet', resnetOptions, { depth, ...options });
  const { shortcut, width } = parsed;
  const blocks = (depth - 2) / 6;

  return {
    name: `resnet-${depth}${width === 16 ? '' : `x${width}`}`,
    config: { model: 'resnet', ...parsed },
    layers: (classes) =>
      sequential([
        sequential([conv3x3(width), batchNorm({ name: 'norm' }), relu()], { name: 'stem' }),
        ...[1, 2, 3].map((stage) => {
          const filters = width * 2 ** (stage - 1);
          const list = Array.from({ length: blocks }, (_, i) =>
            block({
              filters,
              stride: stage > 1 && i === 0 ? 2 : 1,
              shortcut,
              drop: depthLayer(parsed.stochasticDepth, (stage - 1) * blocks + i + 1, 3 * blocks),
              name: `block${i + 1}`,
            }),
          );
          return sequential(list, { name: `stage${stage}` });
        }),
        globalPool(),
        ...(parsed.dropout === 0 ? [] : [dropout({ rate: parsed.dropout })]),
        dense({ units: classes, initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}

function conv3x3(filters: number, stride = 1, name = 'conv'): Layer {
  return conv2d({ filters, stride, padding: 1, bias: false, name });
}

interface BlockOptions {
  readonly filters: number;
  readonly stride: number;
  readonly shortcut: 'A' | 'B';
  /** Drops the body now and then. */
  readonly drop?: Layer;
  readonly name: string;
}

function block({ filters, stride, shortcut, drop, name }: BlockOptions): Layer {
  const projection = sequential([
    conv2d({ filters, kernel: 1, stride, padding: 'valid', bias: false, name: 'conv' }),
    batchNorm({ name: 'norm' }),
  ]);
  return residual({
    name,
    body: sequential([
      conv3x3(filters, stride, 'conv1'),
      batchNorm({ name: 'norm1' }),
      relu(),
      conv3x3(filters, 1, 'conv2'),
      batchNorm({ name: 'norm2' }),
      ...(drop ? [drop] : []),
    ]),
    ...(stride > 1 && { shortcut: shortcut === 'A' ? subsample({ filters, stride }) : projection }),
    after: relu(),
  });
}
