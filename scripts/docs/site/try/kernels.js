/** Stands in for src/kernels/engine/module.ts: the same kernels, compiled from bytes that the page brings along. */
import { wasm } from 'page:assets';

let compiled;

/** Browsers compile large modules off the main thread only; await this before the first image. */
export async function prepare() {
  compiled ??= await WebAssembly.compile(Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0)));
}

export function instantiate() {
  const abort = () => {
    throw new Error('kernels: a WebAssembly assertion failed');
  };
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports;
}
