/**
 * Listens to the engine of TensorFlow.js while a function runs: `seen` is called after every kernel of the current backend,
 * `read` before the numbers of a tensor are read. The backend stays current, and its kernels are restored in any case.
 *
 * Calls inside a kernel are not reported.
 */

import { messageOf, RxaugError } from '../core/index.js';
import { tf } from './tf.js';

export interface Call {
  readonly kernel: string;
  readonly inputs: tf.NamedTensorMap;
  readonly attributes: tf.NamedAttrMap;
  readonly outputs: readonly tf.Tensor[];
}

interface Listener {
  /** After a kernel has run. */
  seen(call: Call): void;
  /** Before the numbers of a tensor are read, now or in a moment. */
  read(dataId: object): void;
  /** Kernels to hide: operations then use their composite. */
  hides?(kernel: string): boolean;
}

type Kernel = ReturnType<typeof tf.getKernelsForBackend>[number];

let listening = false;

/** `f` is synchronous: between its start and its end nothing else can run. */
export function intercept<T>(listener: Listener, f: () => T): T {
  if (listening) throw new Error('a function that is being traced cannot trace another');
  const engine = tf.engine();
  const kernels = tf.getKernelsForBackend(tf.getBackend());
  const hidden = kernels.filter(({ kernelName }) => listener.hides?.(kernelName));
  const heard = kernels.filter((kernel) => !hidden.includes(kernel));
  const originals = heard.map(({ kernelFunc }) => kernelFunc);
  const { readSync, read } = engine;
  let depth = 0;

  const wrap =
    ({ kernelName, kernelFunc }: Kernel): Kernel['kernelFunc'] =>
    (call) => {
      depth++;
      let out: ReturnType<Kernel['kernelFunc']>;
      try {
        out = kernelFunc(call);
      } finally {
        depth--;
      }
      if (depth > 0) return out;
      // The engine would make these tensors later; making them here lets us recognize them.
      const outputs = (Array.isArray(out) ? out : [out]).map((info) =>
        info instanceof tf.Tensor ? info : engine.makeTensorFromTensorInfo(info),
      );
      const inputs = call.inputs as tf.NamedTensorMap;
      listener.seen({ kernel: kernelName, inputs, attributes: call.attrs ?? {}, outputs });
      return Array.isArray(out) ? outputs : outputs[0];
    };

  listening = true;
  heard.forEach((kernel) => {
    kernel.kernelFunc = wrap({ ...kernel });
  });
  for (const { kernelName, backendName } of hidden) tf.unregisterKernel(kernelName, backendName);
  const watch = (dataId: object) => {
    if (depth === 0) listener.read(dataId);
  };
  engine.readSync = (dataId) => {
    watch(dataId);
    return readSync.call(engine, dataId);
  };
  engine.read = (dataId) => {
    watch(dataId);
    return read.call(engine, dataId);
  };
  try {
    return f();
  } finally {
    heard.forEach((kernel, i) => {
      kernel.kernelFunc = originals[i];
    });
    for (const kernel of hidden) tf.registerKernel(kernel);
    Object.assign(engine, { readSync, read });
    listening = false;
  }
}

/** The numbers of a tensor, without calling the listener, in a new array. */
export function numbersOf(tensor: tf.Tensor): Float32Array | Int32Array | Uint8Array {
  const { backend } = tf.engine().state.tensorInfo.get(tensor.dataId) as { backend: tf.KernelBackend };
  try {
    return (backend.readSync(tensor.dataId) as Float32Array).slice();
  } catch (error) {
    throw new RxaugError(
      `trace: numbers on the backend '${tf.getBackend()}' cannot be read at once (${messageOf(error)}); loadBackend('wasm') first, and load the model there`,
      { cause: error },
    );
  }
}
