/**
 * The WebAssembly backend (XNNPACK, one thread under Node). With the gradient kernels that `kernels` adds and repairs it can
 * train what native TensorFlow can.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { RxaugError, requireOptional } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { BackendKind } from './backend.js';

const require = createRequire(import.meta.url);
const PACKAGE = '@tensorflow/tfjs-backend-wasm';

interface Tfjs {
  readonly version_wasm: string;
  setWasmPaths(prefix: string): void;
}

export const wasm: BackendKind = {
  name: 'wasm',
  auto: true,
  async load() {
    const { setWasmPaths, version_wasm: version } = requireOptional(require, PACKAGE, 'backend wasm') as Tfjs;
    if (!started) {
      const home = require.resolve(`${PACKAGE}/package.json`);
      setWasmPaths(path.join(path.dirname(home), 'dist') + path.sep);
    }
    await withoutNewListeners(async () => {
      if (!(await tf.setBackend('wasm'))) throw new RxaugError('the WebAssembly module does not start');
    });
    started = true;
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return { title: `WebAssembly${simd ? ' with SIMD' : ''} (tfjs ${version})`, version, threads: 1 };
  },
};

/** The path of the .wasm files can be set only before the first start. */
let started = false;

/** Emscripten's start code handles all uncaught errors and rejections of the process; this removes its listeners. */
async function withoutNewListeners(work: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const listeners = (event: (typeof events)[number]) => process.rawListeners(event) as (() => void)[];
  const before = events.map((event) => new Set(listeners(event)));
  try {
    await work();
  } finally {
    events.forEach((event, i) => {
      for (const listener of listeners(event)) if (!before[i]?.has(listener)) process.off(event, listener);
    });
  }
}
