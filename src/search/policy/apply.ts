/** Applies choices to a batch of images, differentiable by the images and by the ranges of magnitudes. */
import { fold, type Key, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';
import type { Magnitude, Matrix, PixelTwin, SearchOp, WarpTwin } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { wholeAt } from '../space/whole.js';
import { applyRules, type RowRule, ruleOf } from '../twins/array-rule.js';
import { warp } from '../twins/warp.js';
import type { StageChoices } from './choices.js';
import { CENTER, WIDTH } from './parameters.js';

/** Images [B, H, W, C] in [0, 1] → augmented, stage by stage. Every op must have a twin; see `withTwins`. */
export function applyChoices(
  space: SearchSpace,
  params: Tensors,
  images: tf.Tensor4D,
  choices: readonly StageChoices[],
  key: Key,
): tf.Tensor4D {
  return choices.reduce(
    (x, stage, k) => applyStage(space.ops, params, x, stage, fold(key, tag('stage'), k)),
    images,
  );
}

function applyStage(
  ops: readonly SearchOp[],
  params: Tensors,
  images: tf.Tensor4D,
  { place, op, applied, position }: StageChoices,
  key: Key,
): tf.Tensor4D {
  const together = rowRules(ops, { op, applied }, key);
  if (together) {
    const magnitudes = magnitudesAt((i) => ops[op[i] as number]?.magnitude, params, place, position);
    return applyRules(images, magnitudes, together);
  }
  const rows = (wanted: (op: number) => boolean) =>
    Array.from(op.keys()).filter((i) => applied[i] === 1 && wanted(op[i] as number));
  const kind = (i: number) => ops[i]?.twin?.kind;
  const groups: { readonly rows: readonly number[]; make(x: tf.Tensor4D): tf.Tensor4D }[] = [];
  const unmoved = Array.from(op.keys()).filter((i) => applied[i] === 0);
  if (unmoved.length > 0) groups.push({ rows: unmoved, make: (x) => x });
  const warped = rows((i) => kind(i) === 'warp');
  if (warped.length > 0)
    groups.push({ rows: warped, make: (x) => warpRows(ops, params, x, warped, { place, op, position }) });
  for (const [number, { twin, magnitude }] of ops.entries()) {
    if (twin?.kind !== 'pixels') continue;
    const own = rows((i) => i === number);
    if (own.length === 0) continue;
    const make = (x: tf.Tensor4D) => {
      const m = magnitude
        ? magnitudesOf(ops[number] as SearchOp, params, take(place, own), take(position, own))
        : tf.zeros([own.length]);
      return (twin as PixelTwin).apply(x, m as tf.Tensor1D, fold(key, tag('op'), number));
    };
    groups.push({ rows: own, make });
  }
  const order = groups.flatMap(({ rows }) => rows);
  if (order.length !== op.length)
    throw new RxaugError(
      'search: expected a twin for every op but one has none; put the space through withTwins',
    );
  const [only] = groups;
  if (groups.length === 1 && only) return only.make(images);
  const parts = groups.map(({ rows, make }) => make(tf.gather(images, tf.tensor1d([...rows], 'int32'))));
  const back = new Int32Array(order.length);
  for (const [at, row] of order.entries()) back[row] = at;
  return tf.gather(tf.concat(parts), tf.tensor1d(back, 'int32')) as tf.Tensor4D;
}

/** What each row goes through, where all that are applied have a rule; keys are those that each op gives its rows one by one. */
function rowRules(
  ops: readonly SearchOp[],
  { op, applied }: Pick<StageChoices, 'op' | 'applied'>,
  key: Key,
): (RowRule | undefined)[] | undefined {
  const keys = ops.map((_, number) => fold(key, tag('op'), number));
  const rules = ops.map(({ twin }) => twin && ruleOf(twin));
  const counts = ops.map(() => 0);
  const rows: (RowRule | undefined)[] = [];
  for (const [i, number] of op.entries()) {
    if (applied[i] === 0) {
      rows.push(undefined);
      continue;
    }
    const rule = rules[number];
    if (!rule) return undefined;
    rows.push({ rule, key: fold(keys[number] as Key, counts[number] as number) });
    counts[number] = (counts[number] as number) + 1;
  }
  return rows;
}

/** All geometric ops of a stage in one pass: each row has the matrix of its own op. */
function warpRows(
  ops: readonly SearchOp[],
  params: Tensors,
  images: tf.Tensor4D,
  rows: readonly number[],
  { place, op, position }: Pick<StageChoices, 'place' | 'op' | 'position'>,
): tf.Tensor4D {
  const [, height, width] = images.shape;
  const used = [...new Set(rows.map((row) => op[row] as number))];
  const order: number[] = [];
  const matrices = used.map((number) => {
    const own = rows.flatMap((row, at) => (op[row] === number ? [{ row, at }] : []));
    for (const { at } of own) order.push(at);
    const places = own.map(({ row }) => row);
    const searched = ops[number] as SearchOp;
    const m = searched.magnitude
      ? magnitudesOf(searched, params, take(place, places), take(position, places))
      : (tf.zeros([own.length]) as tf.Tensor1D);
    return (searched.twin as WarpTwin).matrix(m, { width, height });
  });
  const back = new Int32Array(order.length);
  for (const [at, row] of order.entries()) back[row] = at;
  const index = tf.tensor1d(back, 'int32');
  const matrix = [0, 1, 2, 3, 4, 5].map((i) =>
    tf.gather(tf.concat(matrices.map((each) => each[i] as tf.Tensor1D)), index),
  ) as unknown as Matrix;
  return warp(images, matrix);
}

/**
 * Magnitudes in natural units, [n]; places must belong to one op. Where only whole numbers are applied each is next to the one
 * that is applied, on the side of it where the magnitude lies; its gradient is that of the magnitude.
 */
export const magnitudesOf = (
  { magnitude }: SearchOp,
  params: Tensors,
  place: Int32Array,
  position: Float32Array,
): tf.Tensor1D => magnitudesAt(() => magnitude, params, place, position);

/** The same of rows with different ops; 0 where an op has no magnitude. */
function magnitudesAt(
  of: (row: number) => Magnitude | undefined,
  params: Tensors,
  place: Int32Array,
  position: Float32Array,
): tf.Tensor1D {
  const given = Array.from(place, (_, i) => of(i));
  const low = Float32Array.from(given, (one) => one?.low ?? 0);
  const span = Float32Array.from(given, (one) => (one ? one.high - one.low : 0));
  const at = tf.tensor1d(place, 'int32');
  const center = tf.sigmoid(tf.gather(params[CENTER] as tf.Tensor1D, at));
  const room = tf.minimum(center, tf.sub(1, center));
  const half = tf.mul(tf.sigmoid(tf.gather(params[WIDTH] as tf.Tensor1D, at)), room);
  const share = tf.add(center, tf.mul(half, tf.tensor1d(position)));
  const all = tf.add(tf.tensor1d(low), tf.mul(share, tf.tensor1d(span))) as tf.Tensor1D;
  if (!given.some((one) => one?.whole)) return all;
  return tf.add(all, toWhole(given, [all, center, half], position)) as tf.Tensor1D;
}

/** So near is the magnitude that stands for a whole number, which is still nearest to it. */
const BESIDE = 0.49;

/** What leads from each magnitude to the one beside its whole number: constants; 0 for those that need not be whole. */
function toWhole(
  of: readonly (Magnitude | undefined)[],
  tensors: readonly [magnitude: tf.Tensor, center: tf.Tensor, half: tf.Tensor],
  position: Float32Array,
): tf.Tensor1D {
  const [magnitudes, centers, halves] = tensors.map((one) => one.dataSync()) as Float32Array[];
  return tf.tensor1d(
    Float32Array.from(position, (place, i) => {
      const one = of[i];
      if (!one?.whole) return 0;
      const [c, h] = [(centers as Float32Array)[i] as number, (halves as Float32Array)[i] as number];
      const at = (share: number) => one.low + (one.high - one.low) * share;
      const number = wholeAt(at(c - h), at(c + h), (place + 1) / 2);
      const given = (magnitudes as Float32Array)[i] as number;
      return number + Math.max(-BESIDE, Math.min(BESIDE, given - number)) - given;
    }),
  );
}

const take = <A extends Int32Array | Float32Array>(from: A, rows: readonly number[]): A =>
  from.constructor === Int32Array
    ? (Int32Array.from(rows, (row) => from[row] as number) as A)
    : (Float32Array.from(rows, (row) => from[row] as number) as A);
