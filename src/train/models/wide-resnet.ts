import { z } from 'zod';
import { expected, parseOptions, scheduled, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
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
} from '../layers/index.js';
import { depthLayer, networkDepthSchema } from '../layers/stochastic-depth.js';
import type { Model } from './model.js';

export const wideResnetOptions = z.strictObject({
  /** Layers with weights, 6n + 4. */
  depth: z.int().min(10),
  /** w: times 16, 32 and 64 filters. */
  width: z.number().positive(),
  /** Dropout rate between the convolutions of a block, in 0..0.999: a number or a schedule. Default 0. */
  dropout: scheduled(0, 0.999).default(0),
  /** Drop rate of the last block, to which those before it rise linearly; or { rate, mode, form }. Default 0. */
  stochasticDepth: networkDepthSchema.default(0),
});
type Options = z.input<typeof wideResnetOptions>;

/**
 * Wide residual network (Zagoruyko and Komodakis, 2016): three stages of n pre-activation blocks with 16·w, 32·w and 64·w
 * filters, with dropout between the two convolutions of a block. Where the shape changes, the shortcut is a 1×1
 * convolution of the activated input. WRN-28-10 is `wideResnet(28, 10)`. Images [B, H, W, C] → logits [B, classes].
 *
 * @param depth 6n + 4: 10, 16, 22, 28 or 40.
 * @param width w, > 0, which need not be a whole number.
 * @throws UsageError if the depth is not 6n + 4, or an option is out of range.
 * @example
 * wideResnet(16, 4, { dropout: 0.3 }).name // → 'wide-resnet-16-4'
 */
export function wideResnet(
  depth: number,
  width: number,
  options: Omit<Options, 'depth' | 'width'> = {},
): Model {
  const parsed = parseOptions(
    'wideResnet',
    wideResnetOptions,
    positional('wideResnet', { depth, width }, options),
  );
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks)) {
    throw new UsageError(expected('wideResnet', 'a depth of 6n + 4', depth, 'use 10, 16, 22, 28 or 40'));
  }

  return {
    name: `wide-resnet-${depth}-${width}`,
    config: { model: 'wideResnet', ...parsed },
    layers: (classes) => {
      let channels = 16;
      const stages = [1, 2, 3].map((stage) => {
        const filters = Math.round(16 * width * 2 ** (stage - 1));
        const list = Array.from({ length: blocks }, (_, i) => {
          const made = block(
            channels,
            filters,
            stage > 1 && i === 0 ? 2 : 1,
            parsed.dropout,
            depthLayer(parsed.stochasticDepth, (stage - 1) * blocks + i + 1, 3 * blocks),
            `block${i + 1}`,
          );
          channels = filters;
          return made;
        });
        return sequential(list, { name: `stage${stage}` });
      });
      return sequential([
        conv3x3(16, 1, 'stem'),
        ...stages,
        batchNorm({ name: 'norm' }),
        relu(),
        globalPool(),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]);
    },
  };
}

function conv3x3(filters: number, stride: number, name: string): Layer {
  return conv2d(filters, { stride, padding: 1, bias: false, name });
}

function block(
  channels: number,
  filters: number,
  stride: number,
  rate: z.output<typeof wideResnetOptions>['dropout'],
  drop: Layer | undefined,
  name: string,
): Layer {
  const activated = [batchNorm({ name: 'norm1' }), relu()];
  const convolutions = [
    conv3x3(filters, stride, 'conv1'),
    batchNorm({ name: 'norm2' }),
    relu({ name: 'relu' }),
    ...(rate === 0 ? [] : [dropout(rate, { name: 'dropout' })]),
    conv3x3(filters, 1, 'conv2'),
    ...(drop ? [drop] : []),
  ];
  if (channels === filters && stride === 1) {
    return residual(sequential([...activated, ...convolutions]), { name });
  }
  const projection = conv2d(filters, { kernel: 1, stride, padding: 'valid', bias: false });
  return sequential(
    [...activated, residual(sequential(convolutions), { shortcut: projection, name: 'change' })],
    { name },
  );
}
