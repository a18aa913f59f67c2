/** What an op of the search space is: a transform with one magnitude, and, where there is one, its differentiable twin. */
import type { SampleOperator } from '../../augment/index.js';
import type { Key } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';

/** The magnitude of an op in its natural unit: degrees, a factor, a share of the side. */
export interface Magnitude {
  /** Bounds of the search. */
  readonly low: number;
  readonly high: number;
  /** The magnitude at which the op changes nothing; it may lie outside the bounds. */
  readonly neutral: number;
  /** For people: 'degrees', 'factor', 'share of the side'. */
  readonly unit: string;
  /**
   * Only whole numbers are applied: those that are nearest to the magnitudes of a range, equally often. The bounds are whole
   * numbers then.
   */
  readonly whole?: true;
}

/** From neutral to the farther of the bounds. */
export const reachOf = ({ low, high, neutral }: Magnitude): number =>
  Math.max(Math.abs(low - neutral), Math.abs(high - neutral));

/**
 * A geometric twin: output pixel (x, y) reads the input at (a·x + b·y + c, d·x + e·y + f), in pixels, with the centers of
 * pixels at .5; the six coefficients are tensors [B], differentiable by the magnitude.
 */
export interface WarpTwin {
  readonly kind: 'warp';
  matrix(magnitude: tf.Tensor1D, size: { readonly width: number; readonly height: number }): Matrix;
}
export type Matrix = readonly [
  a: tf.Tensor1D,
  b: tf.Tensor1D,
  c: tf.Tensor1D,
  d: tf.Tensor1D,
  e: tf.Tensor1D,
  f: tf.Tensor1D,
];

/** Any other twin: images [B, H, W, C] in [0, 1] → the same shape; differentiable by images and magnitude. */
export interface PixelTwin {
  readonly kind: 'pixels';
  apply(images: tf.Tensor4D, magnitude: tf.Tensor1D, key: Key): tf.Tensor4D;
}

/** What an op does, differentiable by the image and by the magnitude. */
export type Twin = WarpTwin | PixelTwin;

/** One op of the search space. */
export interface SearchOp {
  /** Unique in its space: 'rotate', 'translateX'. */
  readonly name: string;
  /** Absent: the op has nothing to set, as equalize. */
  readonly magnitude?: Magnitude;
  /** Numbers of channels that it takes; default 1 and 3. */
  readonly channels?: readonly (1 | 3)[];
  /** The transform with magnitudes uniform in [low, high], always applied. An op without magnitude ignores both. */
  make(low: number, high: number): SampleOperator;
  /** Absent: the op takes part in the strategies that need no gradient of its magnitude. */
  readonly twin?: Twin;
}
