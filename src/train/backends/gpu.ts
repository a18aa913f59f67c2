/**
 * GPUs as WebGPU sees them: through Dawn, whose binaries are inside the npm package `webgpu`, on Vulkan (Linux),
 * Metal (macOS) or Direct3D 12 (Windows). A driver may also compute in software (llvmpipe, SwiftShader, WARP). Such an
 * adapter is correct but slow, and must not be mistaken for a GPU.
 */
import { existsSync, readdirSync } from 'node:fs';
import { requestAdapter } from './dawn.js';

/** A WebGPU adapter, as its driver describes it. */
export interface Adapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Whether it runs on the processor and not on a GPU. */
  readonly software: boolean;
}

/** Why there can be no GPU, by the file system only; undefined if there may be one. */
export function noGpuHere(platform = process.platform, devices = '/dev'): string | undefined {
  if (platform !== 'linux') return undefined;
  const names = existsSync(devices) ? readdirSync(devices) : [];
  const nodes = names.includes('dri') ? readdirSync(`${devices}/dri`) : [];
  const found = names.some((name) => /^(nvidia\d+|dxg|kgsl-3d0|mali0)$/.test(name));
  if (found || nodes.some((name) => name.startsWith('renderD'))) return undefined;
  return 'there is no GPU (no /dev/dri/renderD*, /dev/nvidia* or /dev/dxg)';
}

/** The adapter that WebGPU gives for high performance: a GPU if there is one. */
export async function findAdapter(): Promise<{ readonly info: Adapter }> {
  return { info: adapterOf((await requestAdapter()).info) };
}

/** WebGPU's `GPUAdapterInfo`, whose types are not in every project. */
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
}

export function adapterOf(info: AdapterInfo): Adapter {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const software =
    isFallbackAdapter ||
    SOFTWARE.test([vendor, architecture, device, description].join(' ')) ||
    (vendor === 'microsoft' && /basic render/i.test(description));
  return { vendor, architecture, device, description, software };
}

/** 'NVIDIA H100 (nvidia hopper)', or with 'software' for a software adapter. */
export function nameOf({ vendor, architecture, device, description, software }: Adapter): string {
  const name = description || device || 'an adapter without a name';
  const kind = [vendor, software ? 'software, not a GPU' : architecture].filter(Boolean).join(', ');
  return kind ? `${name} (${kind})` : name;
}

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|\bsoftware\b|\bwarp\b|\bcpu\b/i;

export const ADAPTER_FIX =
  process.platform === 'linux'
    ? 'install a Vulkan driver (Debian, in software: apt-get install mesa-vulkan-drivers libvulkan1)'
    : "install the graphics card's driver";
