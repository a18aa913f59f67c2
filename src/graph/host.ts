/**
 * Small numbers that the host computes anew for each run of a step: from the key of the step, or from the progress of
 * training. Outside a trace they are plain tensors. In a trace each becomes an input of the graph, with the function that
 * computes it, so that one graph serves all steps.
 */

import { fold, type Key, watchFolds } from '../core/index.js';
import { tf } from './tf.js';

/** What a step may depend on besides tensors. */
export interface Moment {
  readonly key: Key;
  /** Progress of training in 0..1. */
  readonly progress: number;
}

/** The numbers of a host tensor at a moment. */
export type Compute = (moment: Moment) => readonly number[];

/** Hears of host tensors and of choices while a function is traced. */
export interface HostListener {
  made(tensor: tf.Tensor, compute: Compute): void;
  /** A choice decides which nodes there are: another choice is another graph. */
  chosen(choose: (moment: Moment) => number, choice: number): void;
}

interface Trace {
  readonly listener: HostListener;
  /** How a key is made from that of the moment. */
  readonly keys: WeakMap<Key, (moment: Moment) => Key>;
}

let trace: Trace | undefined;

/**
 * A tensor that is a function of a key. In a step that is compiled it is an input, computed anew for each step: so a step may
 * use numbers that it draws itself. The key is that of the step's context, or comes from it by `fold`; another key is the
 * same in all steps, and its tensor a constant. For large noise a layer has `scope.uniform`, which is drawn in the graph.
 *
 * @param f as many numbers as the shape has; a pure function
 * @example
 * await loadBackend('cpu');
 * const shift = fromKey(keyOf(7), [2], 'float32', () => [0.5, 2]);
 * [...shift.dataSync()] // → [0.5, 2]
 */
export function fromKey(
  key: Key,
  shape: readonly number[],
  dtype: 'float32' | 'int32',
  f: (key: Key) => readonly number[],
): tf.Tensor {
  const tensor = tf.tensor([...f(key)], [...shape], dtype);
  const keyAt = trace?.keys.get(key);
  // A key that does not come from that of the step is the same in all steps: its numbers are a constant.
  if (keyAt) trace?.listener.made(tensor, (moment) => f(keyAt(moment)));
  return tensor;
}

/**
 * A scalar that is a function of the progress of training. In a step that is compiled it is an input, computed anew for each
 * step; a plain number made from the progress would be a constant, and such a step is refused.
 *
 * @param progress that of the step's context
 * @param f a pure function
 * @example
 * await loadBackend('cpu');
 * fromProgress(0.25, (progress) => 1 - progress).dataSync()[0] // → 0.75
 */
export function fromProgress(progress: number, f: (progress: number) => number): tf.Scalar {
  const tensor = tf.scalar(f(progress));
  trace?.listener.made(tensor, (moment) => [f(moment.progress)]);
  return tensor;
}

/**
 * A choice among 0, 1, …, made by a key, on which the operations of a step may depend. A step that is compiled has a graph
 * for each choice that occurs, so there should be few.
 *
 * @param key that of the step's context, or one made from it by `fold`
 * @param choose a pure function
 * @example
 * choiceOf(keyOf(7), (key) => key.a % 2) === keyOf(7).a % 2 // → true
 */
export function choiceOf(key: Key, choose: (key: Key) => number): number {
  const choice = choose(key);
  const keyAt = trace?.keys.get(key);
  if (keyAt) trace?.listener.chosen((moment) => choose(keyAt(moment)), choice);
  return choice;
}

/** Runs a synchronous function of a moment while the listener hears of its host tensors. */
export function hostTraced<T>(moment: Moment, listener: HostListener, f: () => T): T {
  if (trace) throw new Error('a function that is being traced cannot trace another');
  const keys: Trace['keys'] = new WeakMap([[moment.key, ({ key }: Moment) => key]]);
  trace = { listener, keys };
  const unwatch = watchFolds((from, data, to) => {
    const before = keys.get(from);
    if (before) keys.set(to, (other) => fold(before(other), ...data));
  });
  try {
    return f();
  } finally {
    unwatch();
    trace = undefined;
  }
}
