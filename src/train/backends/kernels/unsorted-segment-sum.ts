/**
 * UnsortedSegmentSum for WASM, which the gradient of `gather` needs: Y[k] = Σ_{i : ids[i] = k} X[i].
 * Ids outside 0 … numSegments − 1 are dropped, as everywhere else.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Repair } from './repair.js';

export const unsortedSegmentSum: Repair = {
  kernelName: tf.UnsortedSegmentSum,
  backends: ['wasm'],
  kernelFunc: ({ inputs, attrs }) => {
    const x = inputs.x as tf.Tensor; // [N, …]
    const segmentIds = inputs.segmentIds as tf.Tensor1D; // [N]
    const { numSegments } = attrs as unknown as tf.UnsortedSegmentSumAttrs;
    const values = x.dataSync();
    const ids = segmentIds.dataSync();
    const size = ids.length === 0 ? 0 : values.length / ids.length;
    const rest = x.shape.slice(1);
    const sums = new Float32Array(numSegments * rest.reduce((a, b) => a * b, 1));
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (id < 0 || id >= numSegments) continue;
      for (let j = 0; j < size; j++) sums[id * size + j]! += values[i * size + j] as number;
    }
    return tf.tensor(sums, [numSegments, ...rest], x.dtype);
  },
};
