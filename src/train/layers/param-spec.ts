/** What a layer says of a parameter before there is one. */
import type { Key } from '../../core/index.js';

/** What a parameter is for. Weight decay and penalties take kernels and spare the others. */
export type ParamKind = 'kernel' | 'bias' | 'scale' | 'shift';

/** Without the batch axis: [H, W, C] or [units]. */
export type Shape = readonly number[];

export interface ParamSpec {
  readonly name: string;
  readonly kind: ParamKind;
  readonly shape: Shape;
  /** Inputs that each output sums over: what initializers and max-norm scale by. */
  readonly fanIn: number;
  readonly initial: Initializer;
}

export type Initializer = (key: Key, spec: Pick<ParamSpec, 'shape' | 'fanIn'>) => Float32Array;
