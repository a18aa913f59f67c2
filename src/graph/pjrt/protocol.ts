/** Messages between the host and its thread, and the words that they share. */
import type { PjrtValues, Port } from './dtypes.js';
import type { ClientOptions, CompileFlags } from './options.js';

/** What the thread starts with. */
export interface Start {
  readonly plugin: string;
  readonly options: ClientOptions;
  /** Shared words, by the indices below. */
  readonly signal: Int32Array;
}

/** Counts the messages sent, so that a waiting thread wakes. */
export const SENT = 0;
/** 1 when the process ends: the thread finishes what the device has begun, and stops. */
export const STOP = 1;
/** 1 while the device may use memory of this process. */
export const BUSY = 2;

export interface Named {
  readonly name: string;
  readonly values: PjrtValues;
}

/** A compiled text within a session. */
export interface ProgramSpec {
  readonly name: string;
  readonly text: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly flags: CompileFlags;
}

export type Task =
  | { readonly kind: 'session'; readonly session: number; readonly variables: readonly Port[] }
  | { readonly kind: 'load'; readonly session: number; readonly program: number; readonly spec: ProgramSpec }
  | { readonly kind: 'set'; readonly session: number; readonly values: readonly Named[] }
  | { readonly kind: 'get'; readonly session: number; readonly names: readonly string[] }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly feed: readonly Named[];
    }
  | { readonly kind: 'unload'; readonly program: number }
  | { readonly kind: 'end'; readonly session: number }
  | { readonly kind: 'close' }
  /** Ends the thread as an error in it would, for tests. */
  | { readonly kind: 'fault' };

export type Request = Task & { readonly id: number };

/** What a plugin is and has. */
export interface PjrtInfo {
  readonly plugin: string;
  /** Of the C API: `0.115`. */
  readonly apiVersion: string;
  /** `cpu`, `cuda`, `rocm`, … */
  readonly platform: string;
  readonly platformVersion: string;
  readonly devices: readonly string[];
}

export type Reply =
  | { readonly kind: 'started'; readonly info: PjrtInfo }
  | { readonly kind: 'refused'; readonly message: string; readonly usage: boolean }
  | { readonly kind: 'done'; readonly id: number; readonly values: readonly Named[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
