/**
 * Whether onnxruntime's WebGPU provider would meet a graphics processor. Mesa's software Vulkan answers WebGPU as
 * well, and is slower than the CPU provider; so a device of the system must be there too.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { requireOptional } from '../../core/index.js';

export interface Gpu {
  readonly provider?: 'webgpu';
  /** The device, or why there is none. */
  readonly why: string;
}

/** What onnxruntime-node says of itself. */
export interface Runtime {
  listSupportedBackends(): readonly { readonly name: string; readonly bundled: boolean }[];
}

const DEVICES = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'];

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
