/** The numbers of `tf.range`, as TensorFlow.js computes them. */
import type { Attributes } from './graph.js';

/**
 * @param attributes `start`, `stop`, `step` and `dtype` of the kernel `Range`
 * @param count of numbers: the size of its output
 */
export function rangeOf(attributes: Attributes, count: number): Float32Array | Int32Array {
  const { start, stop, step: given, dtype } = attributes;
  // It counts down where it has to, unless a step says otherwise; 1 is what a step is if none is given.
  const step = Number(given ?? 1) === 1 && Number(stop) < Number(start) ? -1 : Number(given ?? 1);
  const numbers = dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
  numbers[0] = Number(start);
  for (let i = 1; i < count; i++) numbers[i] = numbers[i - 1] + step;
  return numbers;
}
