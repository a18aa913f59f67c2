/** Shapes of operators that few models have and that make more than they are given. */
import { alike, axisOf, type Given, product, type Shape, type ShapeRules } from './rule.js';

/** One number of a list, as a side. */
const side = (given: Given, i: number) => given.numbers(i)?.[0] ?? Number.NaN;

/** Of what an unpooled side was, by the window over it. */
function unpooled(given: Given, x: Shape): Shape | undefined {
  const window = given.ints('kernel_shape');
  const strides = given.ints('strides') ?? window?.map(() => 1);
  const pads = given.ints('pads') ?? window?.flatMap(() => [0, 0]);
  if (!window || !strides || !pads || x.length !== window.length + 2) return undefined;
  const sides = window.map(
    (width, i) => (x[i + 2] - 1) * strides[i] + width - pads[i] - pads[i + window.length],
  );
  return [x[0], x[1], ...sides];
}

export const rarer: ShapeRules = {
  ...alike('HannWindow HammingWindow BlackmanWindow', (given) => [side(given, 0)]),
  Multinomial(given) {
    const x = given.shape(0);
    return x && [x[0], given.int('sample_size', 1)];
  },
  CenterCropPad(given) {
    const [x, to] = [given.shape(0), given.numbers(1)];
    if (!x || !to) return undefined;
    const axes = given.ints('axes')?.map((axis) => axisOf(axis, x.length)) ?? [...x.keys()];
    const out = [...x];
    for (const [i, axis] of axes.entries()) out[axis] = to[i] ?? Number.NaN;
    return out;
  },
  MaxUnpool(given) {
    const x = given.shape(0);
    return given.has(2, '') ? given.numbers(2) : x && unpooled(given, x);
  },
  Col2Im(given) {
    const [x, image, block] = [given.shape(0), given.numbers(1), given.numbers(2)];
    return x && image && block && [x[0], x[1] / product(block), ...image];
  },
  AffineGrid(given) {
    const size = given.numbers(1);
    return size && [size[0], ...size.slice(2), size.length - 2];
  },
  GridSample(given) {
    const [x, grid] = [given.shape(0), given.shape(1)];
    return x && grid && [...x.slice(0, 2), ...grid.slice(1, -1)];
  },
  GatherND(given) {
    const [x, at] = [given.shape(0), given.shape(1)];
    if (!x || !at?.length) return undefined;
    return [...at.slice(0, -1), ...x.slice(given.int('batch_dims', 0) + at[at.length - 1])];
  },
  RoiAlign(given) {
    const [x, rois] = [given.shape(0), given.shape(1)];
    return x && rois && [rois[0], x[1], given.int('output_height', 1), given.int('output_width', 1)];
  },
  MaxRoiPool(given) {
    const [x, rois] = [given.shape(0), given.shape(1)];
    return x && rois && [rois[0], x[1], ...(given.ints('pooled_shape') ?? [])];
  },
  ...alike('RNN GRU LSTM', (given) => {
    const [x, r] = [given.shape(0), given.shape(2)];
    if (x?.length !== 3 || r?.length !== 3) return undefined;
    // [steps, directions, batch, hidden]; in the layout 1 the same sides in another order.
    return [x[0], r[0], x[1], r[2]];
  }),
};
