import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import {
  batchNorm,
  conv2d,
  dense,
  globalPool,
  type Layer,
  relu,
  residual,
  sequential,
  shakeShake,
  twoPathShortcut,
} from '../layers/index.js';
import { shakeShakeModes } from '../layers/shake-shake.js';
import type { Model } from './model.js';

export const shakeShakeResnetOptions = z.strictObject({
  /** Layers with weights, 6n + 2. */
  depth: z.int().min(8),
  /** Filters w of each branch in the first stage, an even number. */
  width: z.int().min(2).multipleOf(2),
  ...shakeShakeModes.shape,
});
type Options = z.input<typeof shakeShakeResnetOptions>;

/**
 * Residual network with shake-shake (Gastaldi, "Shake-shake regularization", 2017): three stages of n blocks with w, 2w and
 * 4w filters, each block two branches of relu, 3×3 convolution, norm, relu, 3×3 convolution, norm. The stem has 16
 * filters; where the image is halved, the shortcut takes two paths. The paper's "26 2×32d" is `shakeShakeResnet(26, 32)`,
 * with 2.9 million parameters; it trained for 1,800 epochs. Images [B, H, W, C] → logits [B, classes].
 *
 * @param depth 6n + 2: 8, 14, 20, 26, …
 * @param width w, the filters of each branch in the first stage, an even number.
 * @throws UsageError if the depth is not 6n + 2, or an option is out of range.
 * @example
 * shakeShakeResnet(26, 32).name // → 'shake-shake-26-2x32d'
 */
export function shakeShakeResnet(
  depth: number,
  width: number,
  options: Omit<Options, 'depth' | 'width'> = {},
): Model {
  const parsed = parseOptions(
    'shakeShakeResnet',
    shakeShakeResnetOptions,
    positional('shakeShakeResnet', { depth, width }, options),
  );
  const { depth: _, width: __, ...modes } = parsed;
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks)) {
    throw new UsageError(expected('shakeShakeResnet', 'a depth of 6n + 2', depth, 'use 8, 14, 20 or 26'));
  }
  const block = (filters: number, stride: number, shortcut: Layer | undefined, name: string): Layer =>
    residual(shakeShake([branch(filters, stride), branch(filters, stride)], { ...modes }), {
      name,
      ...(shortcut && { shortcut: sequential([relu(), shortcut, batchNorm({ name: 'norm' })]) }),
    });
  return {
    name: `shake-shake-${depth}-2x${width}d`,
    config: { model: 'shakeShakeResnet', ...parsed },
    layers: (classes) =>
      sequential([
        sequential([conv3x3(16, 1, 'conv'), batchNorm({ name: 'norm' })], { name: 'stem' }),
        ...[1, 2, 3].map((stage) => {
          const filters = width * 2 ** (stage - 1);
          const halving = twoPathShortcut(filters, { name: 'paths' });
          const widening = conv2d(filters, { kernel: 1, padding: 'valid', bias: false, name: 'conv' });
          const list = Array.from({ length: blocks }, (_, i) => {
            if (i > 0) return block(filters, 1, undefined, `block${i + 1}`);
            return block(filters, stage > 1 ? 2 : 1, stage > 1 ? halving : widening, 'block1');
          });
          return sequential(list, { name: `stage${stage}` });
        }),
        relu(),
        globalPool(),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}

function conv3x3(filters: number, stride: number, name: string): Layer {
  return conv2d(filters, { stride, padding: 1, bias: false, name });
}

function branch(filters: number, stride: number): Layer {
  return sequential([
    relu({ name: 'relu1' }),
    conv3x3(filters, stride, 'conv1'),
    batchNorm({ name: 'norm1' }),
    relu({ name: 'relu2' }),
    conv3x3(filters, 1, 'conv2'),
    batchNorm({ name: 'norm2' }),
  ]);
}
