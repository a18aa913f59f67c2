/** Messages between the host and its process. */
import { arrayOf, type OnnxDtype, type Values } from '../onnx/dtypes.js';
import type { Port } from '../onnx/interface.js';

export type { Values } from '../onnx/dtypes.js';

/** Numbers and their shape; float16 travels as float32, int64 as int32, uint64 as uint32, bool as bytes. */
export interface Tensor {
  readonly data: Values;
  readonly dims: readonly number[];
}

/** Numbers in the file of a lane (exchange.ts). */
export interface Placed {
  /** In bytes. */
  readonly at: number;
  readonly dims: readonly number[];
}

/** The first message to a process. */
export interface Start {
  readonly model: Uint8Array;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly threads: number;
  readonly provider: string;
  /** Rows of one run at most; a larger request is run in parts, always cut at the same places. */
  readonly batch: number;
  /** Resident bytes of the process at which it is ended. */
  readonly memory: number;
  /** Imported first; tests use it to cause faults. */
  readonly preload?: string;
}

/** Every later message. */
export interface Request {
  readonly id: number;
  /** Of the lane whose files hold its numbers. */
  readonly lane: number;
  readonly inputs: Readonly<Record<string, Placed>>;
}

export type Outputs = Readonly<Record<string, Tensor>>;

export type Reply =
  | { readonly kind: 'ready' }
  /** The model cannot be loaded: no other process could. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'done'; readonly id: number; readonly outputs: Readonly<Record<string, Placed>> }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };

export const allocate = (dtype: OnnxDtype, length: number): Values => new (arrayOf(dtype))(length);

export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, side) => product * side, 1);
