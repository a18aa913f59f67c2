/** Types of the backends of TensorFlow.js on which training runs. */
import type { tf as tfCore } from '../../graph/tf.js';
import type { Adapter } from './gpu.js';
import type { NativeTensorFlow } from './native-tensorflow.js';

/** Backends of TensorFlow.js. */
export const TFJS_BACKENDS = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type TfjsBackend = (typeof TFJS_BACKENDS)[number];

export const BACKEND_NAMES = ['tensorflow', 'xla', 'webgpu', 'wasm', 'cpu'] as const;
/** Names of backends: native TensorFlow, XLA, WebGPU, WebAssembly, plain JavaScript. */
export type BackendName = (typeof BACKEND_NAMES)[number];

/** 'auto' chooses a GPU, or else the fastest backend that loads; a name loads that backend or fails. */
export const BACKEND_REQUESTS = ['auto', ...BACKEND_NAMES] as const;
export type BackendRequest = (typeof BACKEND_REQUESTS)[number];

/** A backend that is loaded and current. `dispose` frees it and every tensor on it. */
export interface Backend {
  readonly name: BackendName;
  /** The functions of @tensorflow/tfjs-core: the one copy that all backends register with. */
  readonly tf: typeof tfCore;
  /** One sentence: which backend this is and why it was chosen. */
  readonly why: string;
  /** Version of libtensorflow for 'tensorflow', else of the npm package. */
  readonly version: string;
  /** How many threads one operation may use. */
  readonly threads: number;
  /** Access to all operations of libtensorflow; only on 'tensorflow'. */
  readonly native?: NativeTensorFlow;
  /** The adapter of WebGPU; only on 'webgpu'. */
  readonly adapter?: Adapter;
  /** The backend of TensorFlow.js that computes what is not compiled, and its version; only on 'xla'. */
  readonly beside?: { readonly name: TfjsBackend; readonly version: string };
  /**
   * Frees the backend and every tensor on it; native TensorFlow stays until the process ends. XLA's device is free once the
   * steps that it has begun are done.
   */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** A loaded backend. Loading throws an error of one sentence if it fails. */
export type Loaded = Pick<Backend, 'version' | 'threads' | 'native' | 'adapter' | 'beside'> & {
  /** Name in messages: 'native TensorFlow 2.21.0'. */
  readonly title: string;
  /** Frees what is not a backend of TensorFlow.js. */
  close?(): Promise<void>;
};

/** A kind of backend, and how it is loaded. */
export interface BackendKind {
  readonly name: BackendName;
  /** Whether 'auto' may choose it without a GPU. */
  readonly auto: boolean;
  /** The fix to suggest if it does not load; default 'run npx rxaug setup'. */
  readonly fix?: string;
  load(): Promise<Loaded>;
  /** Whether it comes before the others where there is a GPU. */
  readonly firstOnGpu?: boolean;
  /** Loads if it would run on a real GPU, else throws the reason. Costs nothing where no GPU can exist. */
  loadOnGpu?(): Promise<Loaded>;
}
