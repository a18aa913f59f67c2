/**
 * WebGPU: tfjs's kernels in WGSL on a GPU of any maker. An error of Dawn (such as out of memory) would otherwise silently
 * give zeros; here the next read fails with its message.
 *
 * Synchronous reads are not possible: `dataSync()` throws for data on the GPU; use `await data()`.
 */
import { createRequire } from 'node:module';
import { RxaugError, requireOptional } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { BackendKind, Loaded } from './backend.js';
import { loadDawn, requestAdapter } from './dawn.js';
import { ADAPTER_FIX, findAdapter, nameOf, noGpuHere } from './gpu.js';

const require = createRequire(import.meta.url);

export const webgpu: BackendKind = {
  name: 'webgpu',
  auto: false, // only on a GPU
  fix: ADAPTER_FIX,
  load: start,
  async loadOnGpu() {
    const none = noGpuHere();
    if (none) throw new RxaugError(none);
    const { info } = await findAdapter();
    if (info.software) throw new RxaugError(`WebGPU found only a software adapter: ${nameOf(info)}`);
    return start();
  },
};

interface TfjsWebGpu {
  readonly WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => tf.KernelBackend;
}

async function start(): Promise<Loaded> {
  const { info } = await findAdapter();
  const { WebGPUBackend } = tfjsWebGpu(); // before `navigator` exists, or it would register a backend itself
  const { version } = require('@tensorflow/tfjs-backend-webgpu/package.json') as { version: string };
  if (!tf.findBackendFactory('webgpu')) tf.registerBackend('webgpu', () => open(WebGPUBackend), 4);
  return { title: `WebGPU on ${nameOf(info)} (tfjs ${version})`, version, threads: 1, adapter: info };
}

function tfjsWebGpu(): TfjsWebGpu {
  return requireOptional(require, '@tensorflow/tfjs-backend-webgpu', 'backend webgpu') as TfjsWebGpu;
}

/** Limits that tfjs's kernels may need above WebGPU's defaults. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxBufferSize',
] as const;

async function open(WebGPUBackend: TfjsWebGpu['WebGPUBackend']): Promise<tf.KernelBackend> {
  const adapter = await requestAdapter(); // each adapter can open one device only
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const made = withWebGpuNames(() => new WebGPUBackend(device, adapter.info));
  return releasing(guarded(made, device), device);
}

/** tfjs reads `navigator.gpu` once, and the constants at any time. `navigator` is removed again: other libraries would take this for a browser. */
function withWebGpuNames<T>(work: () => T): T {
  const { globals, gpu } = loadDawn();
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return work();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

/** Throws an error of the device at the next read of its results. */
function guarded(backend: tf.KernelBackend, device: GPUDevice): tf.KernelBackend {
  let failure: string | undefined;
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    failure ??= (event as GPUUncapturedErrorEvent).error.message.split('\n', 1)[0];
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (failure !== undefined) {
      throw new RxaugError(`webgpu: the device failed (${failure}); use smaller batches or another backend`);
    }
    return values;
  };
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    const { tensorMap } = backend as unknown as {
      tensorMap: tf.DataStorage<{ resource?: unknown; values?: unknown }>;
    };
    const { resource, values } = tensorMap.get(dataId as object);
    if (resource && !values)
      throw new RxaugError('webgpu: dataSync() cannot read from a GPU; use await data()');
    return readSync(dataId);
  };
  return backend;
}

/** Disposing of the backend frees the GPU's memory too. */
function releasing(backend: tf.KernelBackend, device: GPUDevice): tf.KernelBackend {
  const dispose = backend.dispose.bind(backend);
  backend.dispose = () => {
    dispose();
    device.destroy();
  };
  return backend;
}
