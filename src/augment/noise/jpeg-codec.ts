/**
 * An image through JPEG and back, at once: libjpeg-turbo through Node-API, with its fast DCT. The same input gives
 * the same bytes on the same kind of processor; across kinds the decoders' smoothing of colors may round otherwise.
 */
import { createRequire } from 'node:module';
import { messageOf, RxaugError } from '../../core/index.js';

interface Turbo {
  readonly FORMAT_RGB: number;
  readonly SAMP_444: number;
  readonly SAMP_420: number;
  bufferSize(options: { width: number; height: number; subsampling: number }): number;
  compressSync(raw: Buffer, out: Buffer, options: Record<string, number>): Buffer;
  decompressSync(image: Buffer, out: Buffer, options: { format: number }): unknown;
}

export type Subsampling = '4:4:4' | '4:2:0';

/** The largest side that libjpeg-turbo takes. */
const LARGEST = 65500;

let turbo: Turbo | undefined;
/** Encoded bytes, kept from one image to the next up to a size. */
let scratch = Buffer.alloc(0);
const KEPT = 16 << 20;

/** [H, W, 3] uint8 from `input` to `output`. */
export function throughJpeg(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  height: number,
  quality: number,
  subsampling: Subsampling,
): void {
  if (Math.max(width, height) > LARGEST) {
    throw new RxaugError(
      `jpegCompression: expected sides up to ${LARGEST} pixels but received ${width}×${height}; crop or resize before it`,
    );
  }
  turbo ??= load();
  const options = { width, height, subsampling: subsampling === '4:2:0' ? turbo.SAMP_420 : turbo.SAMP_444 };
  const most = turbo.bufferSize(options);
  const room = scratch.length >= most ? scratch : Buffer.allocUnsafeSlow(most);
  if (most <= KEPT) scratch = room;
  const encoded = turbo.compressSync(bufferOf(input), room, {
    ...options,
    format: turbo.FORMAT_RGB,
    quality,
  });
  turbo.decompressSync(encoded, bufferOf(output), { format: turbo.FORMAT_RGB });
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

function load(): Turbo {
  try {
    return createRequire(import.meta.url)('@julusian/jpeg-turbo') as Turbo;
  } catch (error) {
    throw new RxaugError(
      `jpegCompression: @julusian/jpeg-turbo cannot be loaded here (${messageOf(error).split('\n')[0]}); install it for this platform, or leave jpegCompression out`,
    );
  }
}
