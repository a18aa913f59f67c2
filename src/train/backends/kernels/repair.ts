/** What a file of this folder exports: a kernel that a backend of TensorFlow.js lacks or has wrong. */
import { tf } from '../../../graph/tf.js';
import type { BackendName } from '../backend.js';

export interface Repair {
  readonly kernelName: string;
  readonly backends: readonly BackendName[];
  /** In place of what the backend has, if it has something. */
  readonly kernelFunc?: tf.KernelFunc;
  /** Or around it. */
  readonly around?: (kernelFunc: tf.KernelFunc) => tf.KernelFunc;
}

const done = new Set<string>();

/** Puts the repairs for one backend in; a second call does nothing. */
export function repair(backend: BackendName, repairs: readonly Repair[]): void {
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

/** `own` for windows with gaps, the backend's for all others. */
export function whenDilated(own: tf.KernelFunc): NonNullable<Repair['around']> {
  return (given) => (call) => {
    const { dilations } = call.attrs as unknown as { dilations?: number | number[] };
    return [dilations ?? 1].flat().some((dilation) => dilation !== 1) ? own(call) : given(call);
  };
}
