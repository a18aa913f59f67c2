/** What a trainer computes on: one of TensorFlow.js's backends, loaded, chosen and explained. */
import type * as tfCore from '@tensorflow/tfjs-core';
import type { NativeTensorFlow } from './native.js';

export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** 'auto' takes the fastest that loads; a name takes that one or fails. */
export type BackendRequest = 'auto' | BackendName;

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
  /** Frees the backend and every tensor on it; native TensorFlow stays until the process ends. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a way of computing gives when it loads. It throws one sentence when it cannot. */
export type Loaded = Pick<Backend, 'version' | 'threads' | 'native'> & {
  /** For people: 'native TensorFlow 2.21.0'. */
  readonly title: string;
};

/** One way of computing. New ones (a GPU) are entries in the list of load.ts. */
export interface BackendKind {
  readonly name: BackendName;
  /** Whether 'auto' may take it, in the order of the list. */
  readonly auto: boolean;
  load(): Promise<Loaded>;
}
