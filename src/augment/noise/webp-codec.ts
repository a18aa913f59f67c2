/**
 * An image through lossy WebP and back, at once: libwebp as WebAssembly, in the settings that it has by itself
 * (method 4). No processor and no number of threads changes a byte. The modules are compiled at the first image.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import decoder from '@jsquash/webp/codec/dec/webp_dec.js';
import encoder from '@jsquash/webp/codec/enc/webp_enc_simd.js';
import { defaultOptions } from '@jsquash/webp/meta.js';
import { RxaugError } from '../../core/index.js';

/** The largest side that the format has room for. */
const LARGEST = 16383;

type Made = { readonly data: Uint8ClampedArray };

interface Codec {
  encode(rgba: Uint8Array, width: number, height: number, options: typeof defaultOptions): Uint8Array | null;
  decode(webp: Uint8Array): Made | null;
}

let codec: Codec | undefined;

/** [H, W, 3] uint8 from `input` to `output`. */
export function throughWebp(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  height: number,
  quality: number,
): void {
  if (Math.max(width, height) > LARGEST) {
    throw new RxaugError(
      `webpCompression: expected sides up to ${LARGEST} pixels but received ${width}×${height}; crop or resize before it`,
    );
  }
  codec ??= {
    encode: started('enc/webp_enc_simd', encoder).encode,
    decode: started('dec/webp_dec', decoder).decode,
  };
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0, o = 0; o < rgba.length; i += 3, o += 4) {
    rgba[o] = input[i] as number;
    rgba[o + 1] = input[i + 1] as number;
    rgba[o + 2] = input[i + 2] as number;
  }
  const webp = codec.encode(rgba, width, height, { ...defaultOptions, quality });
  const back = webp && withImageData(() => (codec as Codec).decode(webp));
  if (!back)
    throw new RxaugError(`webpCompression: libwebp failed on ${width}×${height} pixels; leave it out`);
  const { data } = back;
  for (let i = 0, o = 0; i < data.length; i += 4, o += 3) {
    output[o] = data[i] as number;
    output[o + 1] = data[i + 1] as number;
    output[o + 2] = data[i + 2] as number;
  }
}

/** An Emscripten module whose WebAssembly is made at once, which its own start would wait for. */
function started<T extends object>(name: string, start: (module: object) => unknown): T & Codec {
  const path = createRequire(import.meta.url).resolve(`@jsquash/webp/codec/${name}.wasm`);
  const module = {
    noInitialRun: true,
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), imports);
      done(instance);
      return instance.exports;
    },
  };
  withImageData(() => start(module));
  return module as unknown as T & Codec;
}

/** The browser's class that the decoder makes its result of. */
class ImageData implements Made {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

/** Lends the decoder what Node has not; nothing of it stays. */
function withImageData<T>(run: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'ImageData');
  if (before) return run();
  Object.defineProperty(globalThis, 'ImageData', { value: ImageData, configurable: true });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(globalThis, 'ImageData');
  }
}
