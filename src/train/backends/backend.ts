/** What a trainer computes on: one of TensorFlow.js's backends, loaded, chosen and explained. */
import type { tf as tfCore } from '../../graph/tf.js';
import type { Adapter } from './gpu.js';
import type { NativeTensorFlow } from './native-tensorflow.js';

export const BACKEND_NAMES = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
/** The ways to compute: native TensorFlow, WebGPU, WebAssembly, plain JavaScript. */
export type BackendName = (typeof BACKEND_NAMES)[number];

/** 'auto' takes a GPU, or else the fastest that loads; a name takes that one or fails. */
export const BACKEND_REQUESTS = ['auto', ...BACKEND_NAMES] as const;
export type BackendRequest = (typeof BACKEND_REQUESTS)[number];

/** A backend that is loaded and current. `dispose` frees it and every tensor on it. */
export interface Backend {
  readonly name: BackendName;
  /** The functions of @tensorflow/tfjs-core: the one copy that all backends register with. */
  readonly tf: typeof tfCore;
  /** One sentence: which backend this is and why it was taken. */
  readonly why: string;
  /** Of what computes: libtensorflow for 'tensorflow', the npm package for the others. */
  readonly version: string;
  /** How many threads one operation may use. */
  readonly threads: number;
  /** Everything libtensorflow can do beyond tfjs's kernels; only on 'tensorflow'. */
  readonly native?: NativeTensorFlow;
  /** What WebGPU computes on; only on 'webgpu'. */
  readonly adapter?: Adapter;
  /** Frees the backend and every tensor on it; native TensorFlow stays until the process ends. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a way of computing gives when it loads. It throws one sentence when it cannot. */
export type Loaded = Pick<Backend, 'version' | 'threads' | 'native' | 'adapter'> & {
  /** For people: 'native TensorFlow 2.21.0'. */
  readonly title: string;
};

/** One way of computing. */
export interface BackendKind {
  readonly name: BackendName;
  /** Whether 'auto' may take it without a GPU, in the order of the list. */
  readonly auto: boolean;
  /** What may help when it does not load; 'run npx rxaug setup' if nothing is said. */
  readonly mend?: string;
  load(): Promise<Loaded>;
  /** Loads if it would compute on a real GPU; else throws why not, at no cost where no GPU can be. */
  loadOnGpu?(): Promise<Loaded>;
}
