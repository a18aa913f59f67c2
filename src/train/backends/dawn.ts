/** WebGPU under Node: Dawn, by the optional package webgpu. Its own file, since its types need those of WebGPU. */
import { createRequire } from 'node:module';
import { INSTALL_OPTIONAL, messageOf, RxaugError } from '../../core/index.js';

interface Dawn {
  /** A WebGPU of its own; options are Dawn's. */
  create(options: string[]): GPU;
  /** `GPUBufferUsage` and the other names that a browser has. */
  readonly globals: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
let dawn: (Dawn & { readonly gpu: GPU }) | undefined;

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
export async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await loadDawn().gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new RxaugError(NO_ADAPTER);
  return adapter;
}

const NO_ADAPTER =
  process.platform === 'linux'
    ? 'WebGPU finds no adapter: there is no Vulkan driver, or one too old for Dawn (Mesa 22 is)'
    : 'WebGPU finds no adapter: there is no graphics driver that Dawn can use';

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
