/** How a search goes, kept in its state: a search that was interrupted has the same curves as one that was not. */
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';
import type { TracePoint } from '../result.js';
import type { Standing } from './augmenter.js';

/** Metrics of a step that are shown as curves. */
export const TRACED = ['gap', 'hardness', 'teacher', 'student', 'accuracy', 'score'] as const;

const POINTS = 100;
/** [POINTS, 2 + metrics]: a row for every so many steps; zeros where the search has not come. */
const ROWS = 'trace/rows';
/** [metrics], smoothed over some twenty steps. */
const SMOOTH = 'trace/smooth';
const COLUMNS = 2 + TRACED.length;

export const startTrace = (): Tensors => ({
  [ROWS]: tf.zeros([POINTS, COLUMNS]),
  [SMOOTH]: tf.zeros([TRACED.length]),
});

/** The slots after step `step`, counted from 1, of `steps`. Call it inside `tf.tidy`. */
export function moveTrace(
  slots: Tensors,
  metrics: Tensors,
  at: {
    readonly step: number;
    readonly steps: number;
    standing(): Standing;
  },
): Tensors {
  const { step, steps } = at;
  const now = tf.stack(TRACED.map((name) => tf.reshape(metrics[name] as tf.Tensor, [])));
  const old = slots[SMOOTH] as tf.Tensor;
  const smooth = step === 1 ? now : tf.add(old, tf.mul(tf.sub(now, old), 0.05));
  const row = Math.ceil((step * POINTS) / steps) - 1;
  if (row === Math.ceil(((step + 1) * POINTS) / steps) - 1 && step < steps) return { [SMOOTH]: smooth };
  const { strength, effectiveOps } = at.standing();
  const line = tf.concat([tf.tensor1d([strength, effectiveOps]), smooth]);
  const place = tf.oneHot(tf.scalar(row, 'int32'), POINTS).toFloat();
  const added = tf.mul(tf.reshape(place, [POINTS, 1]), tf.reshape(line, [1, COLUMNS]));
  return { [SMOOTH]: smooth, [ROWS]: tf.add(slots[ROWS] as tf.Tensor, added) };
}

/** The curves so far. */
export function pointsOf(slots: Tensors): TracePoint[] {
  const rows = (slots[ROWS] as tf.Tensor).dataSync();
  return Array.from({ length: POINTS }, (_, i): TracePoint => {
    const [strength, effectiveOps, ...values] = rows.subarray(i * COLUMNS, (i + 1) * COLUMNS);
    return {
      progress: (i + 1) / POINTS,
      strength: strength as number,
      effectiveOps: effectiveOps as number,
      values: Object.fromEntries(TRACED.map((name, k) => [name, values[k] as number])),
    };
  }).filter(({ effectiveOps }) => effectiveOps > 0);
}
