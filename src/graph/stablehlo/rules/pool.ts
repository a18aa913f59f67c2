/** Pools of images [B, H, W, C] and their gradients. */
import { tf } from '../../tf.js';
import type { Builder } from '../builder.js';
import type { Hlo } from '../types.js';
import { reduceWindow, scatterToLargest, type Window } from '../windows.js';
import type { Call, Rules } from './rule.js';

type Side = [number, number, number, number];
type Pair = [number, number];

/** Windows as tfjs computes them; padding reaches over what the windows that are computed need, and no further. */
function windowOf({ attributes }: Call, x: Hlo): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(
    x.shape as Side,
    filterSize as number,
    strides as number,
    1,
    pad as 'same',
    (dimRoundingMode ?? undefined) as 'floor',
  );
  const around = (low: number, input: number, output: number, kernel: number, stride: number): Pair => [
    low,
    (output - 1) * stride + kernel - low - input,
  ];
  const { padInfo, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  return {
    size: [1, filterHeight, filterWidth, 1],
    strides: [1, strideHeight, strideWidth, 1],
    pad: [
      [0, 0],
      around(padInfo.top, info.inHeight, info.outHeight, filterHeight, strideHeight),
      around(padInfo.left, info.inWidth, info.outWidth, filterWidth, strideWidth),
      [0, 0],
    ],
  };
}

/** How many pixels of the image are in each window: padding does not count. */
function counts(h: Builder, x: Hlo, window: Window, shape: readonly number[]): Hlo {
  const lines = [1, 2].map((axis) =>
    Array.from({ length: shape[axis] }, (_, i) => {
      const from = i * window.strides[axis] - window.pad[axis][0];
      return Math.min(from + window.size[axis], x.shape[axis]) - Math.max(from, 0);
    }),
  );
  const area = window.size[1] * window.size[2];
  const all = lines[0].flatMap((rows) => lines[1].map((columns) => rows * columns));
  if (all.every((count) => count === area)) return h.splat(area, { shape, type: 'f32' });
  const image = h.constant(all, { shape: [shape[1], shape[2]], type: 'f32' });
  return h.broadcast(image, shape, [1, 2]);
}

export const pools: Rules = {
  MaxPool: (h, call) => {
    const [x] = call.list;
    return reduceWindow(h, x, 'maximum', Number.NEGATIVE_INFINITY, windowOf(call, x));
  },
  MaxPoolGrad: (h, call) => {
    const { dy, input } = call.inputs;
    return scatterToLargest(h, input, dy, windowOf(call, input));
  },
  AvgPool: (h, call) => {
    const [x] = call.list;
    const window = windowOf(call, x);
    const sum = reduceWindow(h, x, 'add', 0, window);
    return h.same('divide', sum, counts(h, x, window, sum.shape));
  },
  // Each pixel gets its share of every window that it is in: dy, spread out by the strides, summed over windows.
  AvgPoolGrad: (h, call) => {
    const { dy, input } = call.inputs;
    const window = windowOf(call, input);
    const { size, strides, pad } = window;
    const shares = h.same('divide', dy, counts(h, input, window, dy.shape));
    const low = size.map((side, i) => side - 1 - pad[i][0]);
    const high = size.map((_, i) => input.shape[i] + pad[i][0] - (dy.shape[i] - 1) * strides[i] - 1);
    const between = strides.map((stride) => stride - 1);
    const spread = h.pad(shares, 0, low, high, between);
    const one = size.map(() => 1);
    return reduceWindow(h, spread, 'add', 0, { size, strides: one, pad: size.map((): Pair => [0, 0]) });
  },
};
