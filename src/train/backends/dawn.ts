/** WebGPU in Node: Dawn, from the optional package webgpu. A separate file because it needs the types of WebGPU. */
import { createRequire } from 'node:module';
import { INSTALL_OPTIONAL, messageOf, RxaugError } from '../../core/index.js';

interface Dawn {
  /** Creates an instance of WebGPU with options of Dawn. */
  create(options: string[]): GPU;
  /** `GPUBufferUsage` and the other globals of a browser. */
  readonly globals: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
let dawn: (Dawn & { readonly gpu: GPU }) | undefined;

export function loadDawn(): Dawn & { readonly gpu: GPU } {
  if (dawn) return dawn;
  // Mesa's device selection layer asks Wayland and X, and prints warnings on a machine without a screen.
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

/** The adapter that WebGPU gives for high performance: a GPU if there is one. */
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
