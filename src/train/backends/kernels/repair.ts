/** What a file of this folder exports: a kernel that a backend of TensorFlow.js lacks or has wrong. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../backend.js';

export interface Repair extends Pick<tf.KernelConfig, 'kernelName' | 'kernelFunc'> {
  readonly backends: readonly BackendName[];
}

/** Puts the repairs for one backend in place of what it has, if it has something. */
export function repair(backend: BackendName, repairs: readonly Repair[]): void {
  for (const { kernelName, kernelFunc, backends } of repairs) {
    if (!backends.includes(backend)) continue;
    if (tf.getKernel(kernelName, backend)) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({ kernelName, backendName: backend, kernelFunc });
  }
}
