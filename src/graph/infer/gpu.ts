import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { requireOptional } from '../../core/index.js';

/** A graphics processor for ONNX models, or why there is none. */
export interface Gpu {
  readonly provider?: 'webgpu';
  /** The device, or why there is none. */
  readonly why: string;
}

/** Information that onnxruntime-node gives. */
export interface Runtime {
  listSupportedBackends(): readonly { readonly name: string; readonly bundled: boolean }[];
}

const DEVICES = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'];

/**
 * Whether onnxruntime's WebGPU provider would use a graphics processor. Mesa's software Vulkan also answers WebGPU and is
 * slower than the CPU provider, so on Linux a device file must be there too.
 *
 * @param exists tells whether a file exists; for tests
 * @param platform for tests
 * @throws RxaugError if onnxruntime-node is not installed
 *
 * @example
 * const { provider = 'cpu', why } = findGpu();
 * console.log(`${provider}: ${why}`);
 */
export function findGpu(exists: (path: string) => boolean = existsSync, platform = process.platform): Gpu {
  const ort = requireOptional(createRequire(import.meta.url), 'onnxruntime-node', 'onnx') as Runtime;
  if (!ort.listSupportedBackends().some(({ name, bundled }) => name === 'webgpu' && bundled)) {
    return { why: 'onnxruntime has no WebGPU provider on this system' };
  }
  if (platform !== 'linux') return { provider: 'webgpu', why: "the system's own graphics" };
  const device = DEVICES.find(exists);
  if (!device) return { why: `no graphics device (looked for ${DEVICES.join(', ')})` };
  return { provider: 'webgpu', why: device };
}
