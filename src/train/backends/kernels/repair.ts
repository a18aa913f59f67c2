/** Repairs of kernels that a backend of TensorFlow.js lacks or implements incorrectly. */
import { tf } from '../../../graph/tf.js';
import type { TfjsBackend } from '../backend.js';

export interface Repair {
  readonly kernelName: string;
  readonly backends: readonly TfjsBackend[];
  /** Replaces the kernel of the backend, if it has one. */
  readonly kernelFunc?: tf.KernelFunc;
  /** Wraps the kernel of the backend. */
  readonly around?: (kernelFunc: tf.KernelFunc) => tf.KernelFunc;
}

const done = new Set<string>();

/** Applies the repairs of a backend; a second call does nothing. */
export function repair(backend: TfjsBackend, repairs: readonly Repair[]): void {
  if (done.has(backend)) return;
  done.add(backend);
  for (const { kernelName, backends, around, ...own } of repairs) {
    if (!backends.includes(backend)) continue;
    const given = tf.getKernel(kernelName, backend);
    const kernelFunc = own.kernelFunc ?? (given && around?.(given.kernelFunc));
    if (!kernelFunc) continue;
    if (given) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({ kernelName, backendName: backend, kernelFunc });
  }
}

/** Uses `own` for dilated windows, and the kernel of the backend for all others. */
export function whenDilated(own: tf.KernelFunc): NonNullable<Repair['around']> {
  return (given) => (call) => {
    const { dilations } = call.attrs as unknown as { dilations?: number | number[] };
    return [dilations ?? 1].flat().some((dilation) => dilation !== 1) ? own(call) : given(call);
  };
}
