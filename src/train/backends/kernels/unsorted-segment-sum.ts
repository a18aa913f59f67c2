/**
 * UnsortedSegmentSum, which the gradient of `gather` needs: Y[k] = Σ_{i : ids[i] = k} X[i].
 * Ids outside 0 … numSegments − 1 are dropped. WASM has no such kernel, and WebGPU adds such rows to others.
 *
 * Upstream: https://github.com/tensorflow/tfjs/issues/8082 (WASM, open).
 */
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const unsortedSegmentSum: Repair = {
  kernelName: 'UnsortedSegmentSum',
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

/** Rows to drop go to an extra segment, which is cut off. */
export const unsortedSegmentSumWebGpu: Repair = {
  kernelName: 'UnsortedSegmentSum',
  backends: ['webgpu'],
  around: (kernelFunc) => (call) => {
    const { x, segmentIds } = call.inputs;
    const { numSegments } = call.attrs as unknown as tf.UnsortedSegmentSumAttrs;
    return tf.tidy(() => {
      const ids = segmentIds as tf.Tensor;
      const inside = tf.logicalAnd(tf.greaterEqual(ids, 0), tf.less(ids, numSegments));
      const safe = tf.where(inside, ids, tf.scalar(numSegments, 'int32') as tf.Tensor);
      const attrs = { ...call.attrs, numSegments: numSegments + 1 };
      const { dataId, shape, dtype } = kernelFunc({
        ...call,
        inputs: { x, segmentIds: safe },
        attrs,
      }) as tf.TensorInfo;
      const all = tf.engine().makeTensorFromDataId(dataId, shape, dtype);
      return tf.slice(all, 0, numSegments);
    });
  },
};
