/**
 * AddN for WebGPU, for any number of tensors. tfjs binds all of them to one shader, but a device may allow only 7 (the
 * minimum of WebGPU without the output). More tensors are added in parts.
 *
 * Upstream: no issue known in November 2026.
 */
import type { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';
import type { WebGpuBackend } from './wgsl.js';

export const addN: Repair = {
  kernelName: 'AddN',
  backends: ['webgpu'],
  around:
    (add) =>
    ({ inputs, attrs, backend }) => {
      const gpu = backend as WebGpuBackend;
      const most = Math.max(2, gpu.device.limits.maxStorageBuffersPerShaderStage - 1);
      const sum = (tensors: tf.TensorInfo[]): tf.TensorInfo => {
        if (tensors.length <= most) {
          return add({
            inputs: tensors as unknown as tf.NamedTensorInfoMap,
            attrs,
            backend,
          }) as tf.TensorInfo;
        }
        const parts: tf.TensorInfo[] = [];
        for (let i = 0; i < tensors.length; i += most) parts.push(sum(tensors.slice(i, i + most)));
        const total = sum(parts);
        for (const { dataId } of parts) gpu.disposeData(dataId);
        return total;
      };
      return sum(inputs as unknown as tf.TensorInfo[]);
    },
};
