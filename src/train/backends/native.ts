/**
 * Native TensorFlow: the addon of @tensorflow/tfjs-node on libtensorflow, installed by `npm run setup`.
 * It registers its kernels with the same tfjs-core that this package imports, and can call any other TensorFlow
 * operation (see native-op.ts).
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import util from 'node:util';
import { messageOf, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { BackendKind } from './backend.js';
import { noGpuHere } from './gpu.js';
import type { NativeKernelBackend, NativeTensorFlow } from './native-tensorflow.js';

interface TfjsNode {
  readonly node: Pick<NativeTensorFlow, 'loadSavedModel'>;
}

const require = createRequire(import.meta.url);

export const native: BackendKind = {
  name: 'tensorflow',
  auto: true,
  async loadOnGpu() {
    const none = noGpuHere();
    if (none) throw new RxaugError(none);
    if (!hasNvidia()) throw new RxaugError('there is no NVIDIA GPU for CUDA');
    const found = await native.load();
    if (!kernelBackend().isUsingGpuDevice) {
      throw new RxaugError(
        `${found.title} computes on the processor (rxaug setup --cuda fetches one for the GPU)`,
      );
    }
    return found;
  },
  async load() {
    const tfjsNode = requireTfjsNode();
    const { binding, isUsingGpuDevice: onGpu } = kernelBackend();
    const version = binding.TF_Version;
    return {
      title: `native TensorFlow ${version}${onGpu ? ' on a GPU (CUDA)' : ''}`,
      version,
      threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || os.availableParallelism(),
      native: {
        version,
        loadSavedModel: (directory, tags, signature) =>
          tfjsNode.node.loadSavedModel(directory, tags, signature),
      },
    };
  },
};

/** Whether NVIDIA's driver shows a GPU, which CUDA needs. Found without loading anything. */
function hasNvidia(): boolean {
  return existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
}

let loaded: TfjsNode | undefined;

/** Importing tfjs-node selects its backend, so it is imported once, and only on request. */
function requireTfjsNode(): TfjsNode {
  if (loaded) return loaded;
  // All must be set before libtensorflow loads. It does not see the process.env of a worker, which is a copy; there
  // the settings of the main thread apply. The first keeps it from logging.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Without it TensorFlow takes oneDNN's kernels only on processors with instructions for networks (AVX-512 VNNI); on
  // one with AVX2 they train ResNet-20 at twice the speed.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  // On a GPU it would take all memory at once, and processes side by side could not share it.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // tfjs-node 4.22 calls two functions that Node has deprecated, and since 23 partly removed.
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
  // Hides deprecation warnings about punycode and url.parse in its dependencies: users cannot fix them.
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    loaded = require('@tensorflow/tfjs-node') as TfjsNode;
    return loaded;
  } catch (error) {
    throw new RxaugError(nativeFailure(error), { cause: error });
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** The kernel backend of tfjs-node, whether or not it is the current one. */
export function kernelBackend(): NativeKernelBackend {
  return tf.findBackend('tensorflow') as unknown as NativeKernelBackend;
}

/** Why the addon did not load, in one sentence. */
export function nativeFailure(error: unknown): string {
  const message = messageOf(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND' && message.includes("'@tensorflow/tfjs-node'")) {
    return 'the package @tensorflow/tfjs-node is not installed';
  }
  if (/native addon module .* can not\s+be found/s.test(message)) {
    return 'the addon of @tensorflow/tfjs-node has not been built';
  }
  return `the addon of @tensorflow/tfjs-node does not load (${message.split('\n', 1)[0]})`;
}
