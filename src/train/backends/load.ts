import { createRequire } from 'node:module';
import { messageOf, nearest, RxaugError, requireOptional, show, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Backend, BackendKind, BackendRequest, Loaded, TfjsBackend } from './backend.js';
import { cpu } from './cpu.js';
import { registerOwnKernels } from './kernels/index.js';
import { native } from './native.js';
import { wasm } from './wasm.js';
import { webgpu } from './webgpu.js';
import { xla } from './xla.js';

const require = createRequire(import.meta.url);

/** From fast to slow on the processor. With a GPU, XLA comes first, then TensorFlow on CUDA, then WebGPU. */
export const backendKinds: readonly BackendKind[] = [native, xla, webgpu, wasm, cpu];

/**
 * Loads a backend and makes it the current one of TensorFlow.js: 'tensorflow' (native), 'xla', 'webgpu', 'wasm', 'cpu', or
 * 'auto', the default: a GPU, or else the fastest that loads. `train`, `fit` and `load` do this themselves. A second call with
 * another name moves all later operations there; tensors that exist follow when they are next used.
 *
 * @throws RxaugError with the reason where the backend does not load
 *
 * @example
 * const backend = await loadBackend('cpu');
 * console.log(backend.name); // → cpu
 */
export async function loadBackend(
  request: BackendRequest = 'auto',
  kinds: readonly BackendKind[] = backendKinds,
): Promise<Backend> {
  // Registers the gradients, which tfjs-core leaves out under Node.
  requireOptional(require, '@tensorflow/tfjs', 'training');
  tf.enableProdMode(); // otherwise tfjs prints advice to the terminal
  if (request !== 'auto') {
    const kind = kinds.find(({ name }) => name === request);
    if (!kind) throw unknownBackend(request, kinds);
    try {
      const loaded = await select(kind);
      return backend(kind, loaded, `${loaded.title}, as asked for`);
    } catch (error) {
      throw new RxaugError(`backend ${show(request)}: ${messageOf(error)}; ${fixFor(kind, kinds)}`, {
        cause: error,
      });
    }
  }
  const noGpu = new Set<string>();
  const first = kinds.filter(({ firstOnGpu }) => firstOnGpu);
  for (const kind of [...first, ...kinds.filter((other) => !first.includes(other))]) {
    if (!kind.loadOnGpu) continue;
    try {
      const loaded = await select(kind, kind.loadOnGpu);
      return backend(kind, loaded, `${loaded.title}, because there is a GPU`);
    } catch (error) {
      noGpu.add(messageOf(error));
    }
  }
  const missed: string[] = [];
  for (const kind of kinds.filter(({ auto }) => auto)) {
    try {
      const loaded = await select(kind);
      const why =
        missed.length === 0
          ? `${loaded.title}, the fastest here${noGpu.size > 0 ? `: ${[...noGpu].join(' and ')}` : ''}`
          : `${loaded.title}, correct but slower, because ${missed.join(' and ')}; try npx rxaug setup`;
      return backend(kind, loaded, why);
    } catch (error) {
      missed.push(messageOf(error));
    }
  }
  throw new RxaugError(`no backend loads: ${missed.join('; ')}; run npx rxaug setup`);
}

/**
 * The current backend of TensorFlow.js, or else the one that 'auto' chooses. A backend that the caller has made current without
 * `loadBackend` gets our kernels too.
 */
export async function ensureBackend(): Promise<void> {
  const name = tf.getBackend();
  if (!name) await loadBackend();
  else if (isTfjsBackend(name)) registerOwnKernels(name);
}

const isTfjsBackend = (name: string): name is TfjsBackend => name in priority;

/** Priorities as in TensorFlow.js; they matter only if an operation runs and no backend is current. */
const priority: Record<TfjsBackend, number> = { webgpu: 4, tensorflow: 3, wasm: 2, cpu: 1 };

async function select(kind: BackendKind, load = kind.load): Promise<Loaded> {
  const loaded = await load();
  const name = loaded.beside?.name ?? (kind.name as TfjsBackend);
  registerOwnKernels(name);
  if (!(await tf.setBackend(name))) throw new RxaugError(`${loaded.title} did not start`);
  return loaded;
}

function backend(kind: BackendKind, { title: _, close, ...loaded }: Loaded, why: string): Backend {
  const dispose = () => {
    close?.().catch(() => {}); // whatever it holds ends with the process
    const name = loaded.beside?.name ?? (kind.name as TfjsBackend);
    if (name === 'tensorflow') return; // libtensorflow cannot be started twice in a process
    const factory = tf.findBackendFactory(name);
    if (!factory) return;
    tf.removeBackend(name);
    tf.registerBackend(name, factory, priority[name]); // it can be loaded again
  };
  return { name: kind.name, tf, why, ...loaded, dispose, [Symbol.dispose]: dispose };
}

function fixFor(kind: BackendKind, kinds: readonly BackendKind[]): string {
  const others = kinds.filter((other) => other.auto && other !== kind).map(({ name }) => `'${name}'`);
  return `${kind.fix ?? 'run npx rxaug setup'}, or ask for 'auto'${others.length > 0 ? ` or ${others.join(' or ')}` : ''}`;
}

function unknownBackend(request: string, kinds: readonly BackendKind[]): UsageError {
  const names = ['auto', ...kinds.map(({ name }) => name)];
  const near = nearest(request, names);
  return new UsageError(
    `unknown backend ${show(request)}; ${near ? `did you mean '${near}'?` : `known are ${names.join(', ')}`}`,
  );
}
