/** What a layer declares about a parameter before it exists. */
import type { Key } from '../../core/index.js';

/** Role of a parameter. Weight decay and penalties act on kernels only. */
export type ParamKind = 'kernel' | 'bias' | 'scale' | 'shift';

/** Sides without the batch axis: [H, W, C] or [units]. */
export type Shape = readonly number[];

/** A parameter of a network: its full name, role, shape and first values. */
export interface ParamSpec {
  readonly name: string;
  readonly kind: ParamKind;
  readonly shape: Shape;
  /** Number of inputs that each output sums over, by which initializers scale. */
  readonly fanIn: number;
  readonly initial: Initializer;
}

/** First values of a parameter as a pure function of a key and its shape. */
export type Initializer = (key: Key, spec: Pick<ParamSpec, 'shape' | 'fanIn'>) => Float32Array;
