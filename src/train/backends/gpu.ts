/**
 * GPUs as WebGPU sees them: through Dawn, whose binaries are inside the npm package `webgpu`, on Vulkan (Linux),
 * Metal (macOS) or Direct3D 12 (Windows). A driver may also compute in software (llvmpipe, SwiftShader, WARP): that
 * is an adapter like any other, right but slow, and nobody should take it for a GPU.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { INSTALL_OPTIONAL, messageOf, RxaugError } from '../../core/index.js';

/** What computes, in the words of its driver. */
export interface Adapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Computed by the processor, not by a GPU. */
  readonly software: boolean;
}

interface Dawn {
  /** A WebGPU of its own; options are Dawn's. */
  create(options: string[]): GPU;
  /** `GPUBufferUsage` and the other names that a browser has. */
  readonly globals: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
let dawn: (Dawn & { readonly gpu: GPU }) | undefined;

/** Why there can be no GPU here, asked of the file system alone; undefined where there may be one. */
export function noGpuHere(platform = process.platform, devices = '/dev'): string | undefined {
  if (platform !== 'linux') return undefined;
  const names = existsSync(devices) ? readdirSync(devices) : [];
  const nodes = names.includes('dri') ? readdirSync(`${devices}/dri`) : [];
  const found = names.some((name) => /^(nvidia\d+|dxg|kgsl-3d0|mali0)$/.test(name));
  if (found || nodes.some((name) => name.startsWith('renderD'))) return undefined;
  return 'no GPU is here (no /dev/dri/renderD*, /dev/nvidia* or /dev/dxg)';
}

export function loadDawn(): Dawn & { readonly gpu: GPU } {
  if (dawn) return dawn;
  // Mesa's layer that sorts devices asks Wayland and X, and complains on a machine that has no screen.
  if (!process.env.XDG_RUNTIME_DIR) process.env.NODEVICE_SELECT ??= '1';
  let module: Dawn;
  try {
    module = require('webgpu') as Dawn;
  } catch (error) {
    throw new RxaugError(dawnFailure(error), { cause: error });
  }
  dawn = { create: module.create, globals: module.globals, gpu: module.create([]) };
  return dawn;
}

/** The adapter that WebGPU gives when it is asked for speed: a GPU if there is one. */
export async function findAdapter(): Promise<{ readonly adapter: GPUAdapter; readonly info: Adapter }> {
  const adapter = await loadDawn().gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new RxaugError(NO_ADAPTER);
  return { adapter, info: adapterOf(adapter.info) };
}

export function adapterOf(info: Omit<GPUAdapterInfo, '__brand'>): Adapter {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const software =
    isFallbackAdapter ||
    SOFTWARE.test([vendor, architecture, device, description].join(' ')) ||
    (vendor === 'microsoft' && /basic render/i.test(description));
  return { vendor, architecture, device, description, software };
}

/** 'NVIDIA H100 (nvidia hopper)', or with 'software' where it is that. */
export function nameOf({ vendor, architecture, device, description, software }: Adapter): string {
  const name = description || device || 'an adapter without a name';
  const kind = [vendor, software ? 'software, not a GPU' : architecture].filter(Boolean).join(', ');
  return kind ? `${name} (${kind})` : name;
}

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|\bsoftware\b|\bwarp\b|\bcpu\b/i;

const NO_ADAPTER =
  process.platform === 'linux'
    ? 'WebGPU finds no adapter: there is no Vulkan driver, or one too old for Dawn (Mesa 22 is)'
    : 'WebGPU finds no adapter: there is no graphics driver that Dawn can use';

export const ADAPTER_MEND =
  process.platform === 'linux'
    ? 'install a Vulkan driver (Debian, in software: apt-get install mesa-vulkan-drivers libvulkan1)'
    : "install the graphics card's driver";

function dawnFailure(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const message = messageOf(error).split('\n', 1)[0];
  if (code === 'MODULE_NOT_FOUND' && message.includes("'webgpu'")) {
    return `the package webgpu is not installed; ${INSTALL_OPTIONAL}`;
  }
  if (code === 'MODULE_NOT_FOUND') {
    return `the package webgpu has no build for ${process.platform} on ${process.arch}`;
  }
  return `the package webgpu does not load (${message})`;
}
