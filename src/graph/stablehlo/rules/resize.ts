/** Images of another size, one axis after the other, and the gradients, which are the transposed products. */
import type { Builder } from '../builder.js';
import { dot } from '../products.js';
import type { Hlo } from '../types.js';
import { take } from './gather.js';
import { type Call, type Rule, type Rules, refuse } from './rule.js';

/** Where each output of an axis comes from: its position among the inputs, as tfjs computes it. */
function positions(call: Call, input: number, output: number, shift: number): number[] {
  const { alignCorners, halfPixelCenters } = call.attributes;
  const corners = alignCorners && output > 1;
  const ratio = corners ? (input - 1) / (output - 1) : input / output;
  return Array.from({ length: output }, (_, i) => (halfPixelCenters ? ratio * (i + 0.5) - shift : ratio * i));
}

/** The pixel of each output. */
function nearest(call: Call, input: number, output: number): number[] {
  const round = call.attributes.alignCorners ? Math.round : Math.floor;
  return positions(call, input, output, 0).map((at) => Math.max(0, Math.min(input - 1, round(at))));
}

interface Between {
  readonly below: number[];
  readonly above: number[];
  readonly fraction: number[];
}

/** The two pixels of each output, and how far it is from the first. */
function between(call: Call, input: number, output: number): Between {
  const at = positions(call, input, output, 0.5);
  const below = at.map((place) => Math.max(0, Math.floor(place)));
  const above = at.map((place) => Math.max(0, Math.min(input - 1, Math.ceil(place))));
  return { below, above, fraction: at.map((place, i) => place - below[i]) };
}

/** How often each input comes, if all come equally often and in order. */
function repeats(indices: readonly number[], input: number): number | undefined {
  const times = indices.length / input;
  return indices.every((index, i) => index === Math.floor(i / times)) && Number.isInteger(times)
    ? times
    : undefined;
}

function pick(h: Builder, x: Hlo, axis: number, indices: readonly number[]): Hlo {
  if (indices.length === x.shape[axis] && indices.every((index, i) => index === i)) return x;
  const times = repeats(indices, x.shape[axis]);
  if (times === undefined) {
    return take(h, x, h.constant(indices, { shape: [indices.length], type: 'i32' }), axis);
  }
  const apart = [...x.shape.slice(0, axis + 1), times, ...x.shape.slice(axis + 1)];
  const dims = x.shape.map((_, i) => (i <= axis ? i : i + 1));
  const shape = x.shape.map((side, i) => (i === axis ? side * times : side));
  return h.reshape(h.broadcast(x, apart, dims), shape);
}

function putBack(h: Builder, dy: Hlo, axis: number, indices: readonly number[], input: number): Hlo {
  const times = repeats(indices, input);
  if (times === undefined) {
    return spreadBack(h, dy, axis, input, (add) => {
      indices.forEach((from, to) => {
        add(to, from, 1);
      });
    });
  }
  const apart = [...dy.shape.slice(0, axis), input, times, ...dy.shape.slice(axis + 1)];
  return h.reduce(h.reshape(dy, apart), 'add', 0, [axis + 1]);
}

/** dy times the weights of its outputs [output, input] along an axis. */
function spreadBack(
  h: Builder,
  dy: Hlo,
  axis: number,
  input: number,
  fill: (add: (output: number, input: number, weight: number) => void) => void,
): Hlo {
  const output = dy.shape[axis];
  const weights = new Float32Array(output * input);
  fill((to, from, weight) => {
    weights[to * input + from] += weight;
  });
  const matrix = h.constant(weights, { shape: [output, input], type: 'f32' });
  const made = dot(h, dy, matrix, { batch: [[], []], contract: [[axis], [0]] }, true);
  const last = made.shape.length - 1; // where the product puts the new axis
  const perm = made.shape.map((_, i) => (i < axis ? i : i === axis ? last : i - 1));
  return h.transpose(made, perm);
}

const AXES = [2, 1] as const; // columns first, as tfjs does

const resizeNearest: Rule = (h, call) =>
  AXES.reduce(
    (x, axis) => pick(h, x, axis, nearest(call, x.shape[axis], call.output.shape[axis])),
    h.convert(call.list[0], 'f32'),
  );

/** tfjs passes over half pixels in gradients, so its own is not that of its forward pass. */
function refuseHalfPixels(call: Call): void {
  if (call.attributes.halfPixelCenters) throw refuse(call, 'halfPixelCenters');
}

const resizeNearestGrad: Rule = (h, call) => {
  refuseHalfPixels(call);
  return AXES.reduce((dy, axis) => {
    const input = call.output.shape[axis];
    return putBack(h, dy, axis, nearest(call, input, dy.shape[axis]), input);
  }, call.inputs.dy);
};

const resizeBilinear: Rule = (h, call) =>
  AXES.reduce(
    (x, axis) => {
      const { below, above, fraction } = between(call, x.shape[axis], call.output.shape[axis]);
      const [low, high] = [below, above].map((indices) => pick(h, x, axis, indices));
      const share = h.constant(fraction, { shape: [fraction.length], type: 'f32' });
      const way = h.same('multiply', h.same('subtract', high, low), h.broadcast(share, low.shape, [axis]));
      return h.same('add', low, way);
    },
    h.convert(call.list[0], 'f32'),
  );

const resizeBilinearGrad: Rule = (h, call) => {
  refuseHalfPixels(call);
  return AXES.reduce((dy, axis) => {
    const input = call.output.shape[axis];
    const { below, above, fraction } = between(call, input, dy.shape[axis]);
    return spreadBack(h, dy, axis, input, (add) => {
      fraction.forEach((share, to) => {
        add(to, below[to], 1 - share);
        add(to, above[to], share);
      });
    });
  }, call.inputs.dy);
};

export const resizing: Rules = {
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: resizeNearestGrad,
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: resizeBilinearGrad,
};
