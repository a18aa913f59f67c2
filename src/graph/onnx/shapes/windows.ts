/** Shapes of what slides over [N, C, …]: convolutions, their transposes, and pools. */
import { alike, type Given, type Shape, type ShapeRules } from './rule.js';

/** Of the sides behind N and C, by the window's. */
function slid(given: Given, sides: Shape, window: Shape): Shape | undefined {
  if (window.length !== sides.length) return undefined;
  const { strides, dilations, pads, same } = settings(given, sides.length);
  const ceil = given.int('ceil_mode', 0) === 1;
  return sides.map((side, i) => {
    if (same) return Math.ceil(side / strides[i]);
    const free = side + pads[i] + pads[i + sides.length] - dilations[i] * (window[i] - 1) - 1;
    if (!ceil) return Math.floor(free / strides[i]) + 1;
    const count = Math.ceil(free / strides[i]) + 1;
    // One that would begin in the padding at the end is left out.
    return (count - 1) * strides[i] >= side + pads[i] ? count - 1 : count;
  });
}

function settings(given: Given, rank: number) {
  const ones = Array<number>(rank).fill(1);
  const auto = given.text('auto_pad') ?? 'NOTSET';
  const pads = auto === 'NOTSET' ? given.ints('pads') : undefined;
  return {
    strides: given.ints('strides') ?? ones,
    dilations: given.ints('dilations') ?? ones,
    pads: pads ?? Array<number>(2 * rank).fill(0),
    same: auto.startsWith('SAME'),
  };
}

function spread(given: Given, sides: Shape, window: Shape): Shape | undefined {
  if (window.length !== sides.length) return undefined;
  const wanted = given.ints('output_shape');
  if (wanted) return wanted;
  const { strides, dilations, pads, same } = settings(given, sides.length);
  const more = given.ints('output_padding') ?? sides.map(() => 0);
  return sides.map((side, i) => {
    if (same) return side * strides[i];
    const covered = strides[i] * (side - 1) + dilations[i] * (window[i] - 1) + 1;
    return covered + more[i] - pads[i] - pads[i + sides.length];
  });
}

/** [N, channels, …sides] */
const framed = (x: Shape, channels: number, sides: Shape | undefined): Shape | undefined =>
  sides && [x[0], channels, ...sides];

function convolved(given: Given, w: Shape | undefined): Shape | undefined {
  const x = given.shape(0);
  return x && w && framed(x, w[0], slid(given, x.slice(2), w.slice(2)));
}

export const windows: ShapeRules = {
  ...alike('Conv ConvInteger', (given) => convolved(given, given.shape(1))),
  QLinearConv: (given) => convolved(given, given.shape(3)),
  ConvTranspose(given) {
    const [x, w] = [given.shape(0), given.shape(1)];
    return x && w && framed(x, w[1] * given.int('group', 1), spread(given, x.slice(2), w.slice(2)));
  },
  ...alike('MaxPool AveragePool LpPool', (given) => {
    const [x, window] = [given.shape(0), given.ints('kernel_shape')];
    return x && window && framed(x, x[1], slid(given, x.slice(2), window));
  }),
  ...alike('GlobalAveragePool GlobalMaxPool GlobalLpPool', (given) =>
    given.shape(0)?.map((side, i) => (i < 2 ? side : 1)),
  ),
};
