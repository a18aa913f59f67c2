/** Twins of ops that move pixels: the inverse matrix of each, as a function of the magnitude. */
import { customGrad, tf } from '../../graph/tf.js';
import type { Matrix, WarpTwin } from '../space/search-op.js';

type Size = { readonly width: number; readonly height: number };

const constant = (like: tf.Tensor1D, value: number): tf.Tensor1D => tf.fill(like.shape, value);

const warpTwin = (matrix: (magnitude: tf.Tensor1D, size: Size) => Matrix): WarpTwin => ({
  kind: 'warp',
  matrix: (magnitude, size) => matrix(magnitude, size),
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

/** Truncated towards zero, as `translate` does; its gradient passes straight through. */
const wholePixels = customGrad<tf.Tensor1D>((...given) => {
  const [pixels] = given as unknown as [tf.Tensor1D];
  // What falls short of a whole number by single precision is that number.
  const near = tf.add(pixels, tf.mul(tf.sign(pixels), 1e-5));
  const whole = tf.mul(tf.sign(near), tf.floor(tf.abs(near))) as tf.Tensor1D;
  return { value: whole, gradFunc: (dy: tf.Tensor1D) => dy };
}) as (pixels: tf.Tensor) => tf.Tensor1D;
