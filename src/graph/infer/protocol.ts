/** What the host and its worker say to each other. */
import type { OnnxDtype, Port } from '../onnx/interface.js';

export type Values = Float32Array | Int32Array | Uint8Array;

/** A tensor in memory that both threads see; int64 travels as int32, bool as bytes. */
export interface Shared {
  readonly data: Values;
  readonly dims: readonly number[];
}

export interface WorkerStart {
  /** The model, in shared memory: every new worker reads the same bytes. */
  readonly model: Uint8Array;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly threads: number;
  readonly provider: string;
  /** Rows of one run at most; a larger request is run in parts, always cut at the same places. */
  readonly batch: number;
  /** Imported before anything else: tests make trouble with it. */
  readonly preload?: string;
}

export interface Request {
  readonly id: number;
  readonly inputs: Readonly<Record<string, Shared>>;
  /** Memory of the caller that outputs are to be written to. */
  readonly into: Readonly<Record<string, Values>>;
}

export type Reply =
  | { readonly kind: 'ready' }
  /** The model cannot be loaded: no other worker could. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'done'; readonly id: number; readonly outputs: Readonly<Record<string, Shared>> }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };

export function allocate(dtype: OnnxDtype, length: number): Values {
  const bytes = dtype === 'uint8' || dtype === 'bool' ? 1 : 4;
  const memory = new SharedArrayBuffer(bytes * length);
  if (dtype === 'float32') return new Float32Array(memory);
  return bytes === 1 ? new Uint8Array(memory) : new Int32Array(memory);
}

export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, side) => product * side, 1);
