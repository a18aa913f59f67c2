/** Twins of ops that move pixels: the inverse matrix of each, as a function of the magnitude. */
import { customGrad, tf } from '../../graph/tf.js';
import type { Matrix, WarpTwin } from '../space/search-op.js';

type Size = { readonly width: number; readonly height: number };

const constant = (like: tf.Tensor1D, value: number): tf.Tensor1D => tf.fill(like.shape, value);

const warpTwin = (matrix: (magnitude: tf.Tensor1D, size: Size) => Matrix): WarpTwin => ({
  kind: 'warp',
  matrix,
});

/** About the center, by degrees, positive clockwise. */
export const rotateTwin = warpTwin((magnitude, { width, height }) => {
  const radians = tf.mul(magnitude, Math.PI / 180) as tf.Tensor1D;
  const [cos, sin] = [tf.cos(radians), tf.sin(radians)];
  const [cx, cy] = [width / 2, height / 2];
  const c = tf.sub(cx, tf.add(tf.mul(cos, cx), tf.mul(sin, cy))) as tf.Tensor1D;
  const f = tf.add(tf.sub(cy, tf.mul(cos, cy)), tf.mul(sin, cx)) as tf.Tensor1D;
  return [cos, sin, c, tf.neg(sin), cos, f];
});

/** out(x, y) = in(x + m·(y − H/2), y). */
export const shearXTwin = warpTwin((m, { height }) => {
  const [zero, one] = [constant(m, 0), constant(m, 1)];
  return [one, m, tf.mul(m, -height / 2), zero, one, zero];
});

/** out(x, y) = in(x, y + m·(x − W/2)). */
export const shearYTwin = warpTwin((m, { width }) => {
  const [zero, one] = [constant(m, 0), constant(m, 1)];
  return [one, zero, zero, m, one, tf.mul(m, -width / 2)];
});

/** By a share of the width, in whole pixels; positive is to the right. */
export const translateXTwin = warpTwin((m, { width }) => {
  const [zero, one] = [constant(m, 0), constant(m, 1)];
  return [one, zero, tf.neg(wholePixels(tf.mul(m, width))), zero, one, zero];
});

/** By a share of the height, in whole pixels; positive is down. */
export const translateYTwin = warpTwin((m, { height }) => {
  const [zero, one] = [constant(m, 0), constant(m, 1)];
  return [one, zero, zero, zero, one, tf.neg(wholePixels(tf.mul(m, height)))];
});

/** About the center, by a factor: above 1 things grow. */
export const scaleTwin = warpTwin((m, { width, height }) => {
  const zero = constant(m, 0);
  const shrunk = tf.reciprocal(m);
  const rest = tf.sub(1, shrunk);
  return [shrunk, zero, tf.mul(rest, width / 2), zero, shrunk, tf.mul(rest, height / 2)];
});

/** Left and right change places; the magnitude has no say, and gets gradient 0. */
export const horizontalFlipTwin = warpTwin((m, { width }) => {
  const [zero, one] = [unmoved(m, 0), unmoved(m, 1)];
  return [unmoved(m, -1), zero, unmoved(m, width), zero, one, zero];
});

/** Top and bottom change places. */
export const verticalFlipTwin = warpTwin((m, { height }) => {
  const [zero, one] = [unmoved(m, 0), unmoved(m, 1)];
  return [one, zero, zero, zero, unmoved(m, -1), unmoved(m, height)];
});

/** A value of the magnitude's shape that it does not change, with a gradient of 0 rather than none. */
const unmoved = (m: tf.Tensor1D, value: number): tf.Tensor1D => tf.add(tf.mul(m, 0), value);

/** Of a pixel: what `warp` takes for the side of a whole place on which the slope counts. */
export const HAIR = 1e-4;

/**
 * Truncated towards zero, as `translate` does. As a function of the shift what is shown jumps at whole pixels other than 0;
 * each jump is spread over the shifts nearest to it, those between −1 and 1 shared out to the jumps at −1 and 1. So the
 * place is moved by a hair to the side of the jump, where the slope of interpolation is that jump.
 */
const wholePixels = customGrad<tf.Tensor1D>((...given) => {
  const [shift] = given as unknown as [tf.Tensor1D];
  const shifts = shift.dataSync() as Float32Array;
  const places = shifts.map((pixels) => {
    // What falls short of a whole number by single precision is that number.
    const size = Math.abs(pixels) + 1e-5;
    const whole = Math.floor(size);
    if (pixels === 0) return 0;
    return Math.sign(pixels) * (whole >= 1 && size - whole < 0.5 ? whole - HAIR : whole + HAIR);
  });
  const shares = shifts.map((pixels) => (Math.abs(pixels) < 1.5 ? 2 / 3 : 1));
  return {
    value: tf.tensor1d(places),
    gradFunc: (dy: tf.Tensor1D) => tf.mul(dy, shares),
  };
}) as (pixels: tf.Tensor) => tf.Tensor1D;
