/** Twins of ops that move pixels: the inverse matrix of each, as a function of the magnitude, with its slope. */
import { tf } from '../../graph/tf.js';
import type { Matrix, WarpTwin } from '../space/search-op.js';
import { withRule } from './array-rule.js';
import { type Coefficients, warpGradient } from './warp-gradient.js';

type Size = { readonly width: number; readonly height: number };

/** The matrix at a magnitude, and its derivative by the magnitude. */
type MatrixAt = (magnitude: number, size: Size) => readonly [matrix: Coefficients, slope: Coefficients];

const STILL: Coefficients = [0, 0, 0, 0, 0, 0];
const BLACK = { level: 0, nearest: false };

function warpTwin(matrixAt: MatrixAt): WarpTwin {
  const twin: WarpTwin = { kind: 'warp', matrix: (magnitude, size) => matrixOf(matrixAt, magnitude, size) };
  return withRule(twin, {
    lower(plan, magnitude) {
      const [matrix] = matrixAt(magnitude, plan);
      plan.geometry(matrix, plan.width, plan.height, {
        ...{ interpolation: 'bilinear', border: 'constant', fill: [0, 0, 0] },
      });
    },
    backward({ shape, magnitude, ...image }) {
      const [matrix, slope] = matrixAt(magnitude, shape);
      const by = warpGradient(image, matrix, shape, BLACK);
      return by.reduce((sum, one, k) => sum + one * (slope[k] as number), 0);
    },
  });
}

/** The coefficients as tensors [B], differentiable by the magnitude. */
function matrixOf(matrixAt: MatrixAt, magnitude: tf.Tensor1D, size: Size): Matrix {
  const all = tf.customGrad<tf.Tensor2D>((...given) => {
    const [m] = given as unknown as [tf.Tensor1D];
    const rows = Array.from(m.dataSync(), (one) => matrixAt(one, size));
    const columns = (which: 0 | 1) =>
      tf.tensor2d(
        [0, 1, 2, 3, 4, 5].map((k) => rows.map((row) => row[which][k] as number)),
        [6, rows.length],
      );
    return { value: columns(0), gradFunc: (dy: tf.Tensor2D) => tf.sum(tf.mul(dy, columns(1)), 0) };
  })(magnitude);
  return tf.unstack(all) as unknown as Matrix;
}

/** About the center, by degrees, positive clockwise. */
export const rotateTwin = warpTwin((degrees, { width, height }) => {
  const unit = Math.PI / 180;
  const [cos, sin] = [Math.cos(degrees * unit), Math.sin(degrees * unit)];
  const [cx, cy] = [width / 2, height / 2];
  return [
    [cos, sin, cx - (cos * cx + sin * cy), -sin, cos, cy - cos * cy + sin * cx],
    [
      ...[-sin * unit, cos * unit, (sin * cx - cos * cy) * unit],
      ...[-cos * unit, -sin * unit, (sin * cy + cos * cx) * unit],
    ] as unknown as Coefficients,
  ];
});

/** out(x, y) = in(x + m·(y − H/2), y). */
export const shearXTwin = warpTwin((m, { height }) => [
  [1, m, (-m * height) / 2, 0, 1, 0],
  [0, 1, -height / 2, 0, 0, 0],
]);

/** out(x, y) = in(x, y + m·(x − W/2)). */
export const shearYTwin = warpTwin((m, { width }) => [
  [1, 0, 0, m, 1, (-m * width) / 2],
  [0, 0, 0, 1, 0, -width / 2],
]);

/** By a share of the width, in whole pixels; positive is to the right. */
export const translateXTwin = warpTwin((m, { width }) => {
  const { place, slope } = wholePixels(m * width);
  return [
    [1, 0, -place, 0, 1, 0],
    [0, 0, -slope * width, 0, 0, 0],
  ];
});

/** By a share of the height, in whole pixels; positive is down. */
export const translateYTwin = warpTwin((m, { height }) => {
  const { place, slope } = wholePixels(m * height);
  return [
    [1, 0, 0, 0, 1, -place],
    [0, 0, 0, 0, 0, -slope * height],
  ];
});

/** About the center, by a factor: above 1 things grow. */
export const scaleTwin = warpTwin((m, { width, height }) => {
  const shrunk = 1 / m;
  const slope = -1 / (m * m);
  return [
    [shrunk, 0, ((1 - shrunk) * width) / 2, 0, shrunk, ((1 - shrunk) * height) / 2],
    [slope, 0, (-slope * width) / 2, 0, slope, (-slope * height) / 2],
  ];
});

/** Left and right change places; the magnitude has no say, and gets gradient 0. */
export const horizontalFlipTwin = warpTwin((_, { width }) => [[-1, 0, width, 0, 1, 0], STILL]);

/** Top and bottom change places. */
export const verticalFlipTwin = warpTwin((_, { height }) => [[1, 0, 0, 0, -1, height], STILL]);

/** Of a pixel: what `warp` takes for the side of a whole place on which the slope counts. */
export const HAIR = 1e-4;

/**
 * Truncated towards zero, as `translate` does. As a function of the shift what is shown jumps at whole pixels other than 0;
 * each jump is spread over the shifts nearest to it, those between −1 and 1 shared out to the jumps at −1 and 1. So the
 * place is moved by a hair to the side of the jump, where the slope of interpolation is that jump.
 */
function wholePixels(shift: number): { readonly place: number; readonly slope: number } {
  // What falls short of a whole number by single precision is that number.
  const size = Math.abs(shift) + 1e-5;
  const whole = Math.floor(size);
  const slope = Math.abs(shift) < 1.5 ? 2 / 3 : 1;
  if (shift === 0) return { place: 0, slope };
  return {
    place: Math.sign(shift) * (whole >= 1 && size - whole < 0.5 ? whole - HAIR : whole + HAIR),
    slope,
  };
}
