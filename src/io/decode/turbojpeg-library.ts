/**
 * The TurboJPEG 3 library of libjpeg-turbo, whose functions are called directly. It is the one that the binding's package
 * ships: beside its prebuilt binary on Linux, inside it on macOS. On Windows its functions are not exported.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf, UsageError } from '../../core/index.js';

const require = createRequire(import.meta.url);

/** Of a compressor or a decompressor; null where there was no memory for one. */
export type Handle = unknown;

export interface TurboJpegFunctions {
  tj3Init(kind: number): Handle;
  tj3Destroy(handle: Handle): void;
  tj3DecompressHeader(handle: Handle, bytes: Uint8Array, size: number): number;
  tj3Get(handle: Handle, parameter: number): number;
  tj3Set(handle: Handle, parameter: number, value: number): number;
  tj3SetScalingFactor(handle: Handle, factor: { num: number; denom: number }): number;
  tj3SetCroppingRegion(handle: Handle, region: { x: number; y: number; w: number; h: number }): number;
  tj3Decompress8(
    handle: Handle,
    bytes: Uint8Array,
    size: number,
    target: Uint8Array,
    pitch: number,
    format: number,
  ): number;
  /** Bytes that an image of this size takes at most; 0 for sizes that JPEG cannot hold. */
  tj3JPEGBufSize(width: number, height: number, subsampling: number): number;
  /** `target` holds the address of the memory, `size` what that holds and then what was written. */
  tj3Compress8(
    handle: Handle,
    pixels: Uint8Array,
    width: number,
    pitch: number,
    height: number,
    format: number,
    target: BigUint64Array,
    size: BigUint64Array,
  ): number;
  /** Address of memory outside the heap of JavaScript: it does not move. */
  addressOf(memory: Buffer): bigint;
}

let library: TurboJpegFunctions | Error | undefined;

/** The library, or undefined where it is not there or `RXAUG_DECODER=binding` leaves it out. */
export function loadTurboJpeg(): TurboJpegFunctions | undefined {
  library ??= attempt();
  return library instanceof Error ? undefined : library;
}

/** Why there is no library here; undefined where there is. */
export function whyNotTurboJpeg(): string | undefined {
  library ??= attempt();
  return library instanceof Error ? library.message : undefined;
}

function attempt(): TurboJpegFunctions | Error {
  const { RXAUG_DECODER: wanted = '' } = process.env;
  if (wanted === 'binding') return new Error('RXAUG_DECODER=binding leaves it out');
  if (wanted !== '' && wanted !== 'turbojpeg')
    throw new UsageError(
      `RXAUG_DECODER: expected 'turbojpeg' or 'binding' but received '${wanted}'; correct it or unset it`,
    );
  const files = libraryFiles();
  let problem = new Error(`no TurboJPEG library for ${process.platform} on ${process.arch}`);
  for (const file of files) {
    try {
      return bind(file);
    } catch (error) {
      problem = new Error(messageOf(error).split('\n')[0]);
    }
  }
  if (wanted === 'turbojpeg')
    throw new UsageError(
      `RXAUG_DECODER=turbojpeg: ${problem.message}; install koffi and its binary for ${process.platform} ${process.arch}, or unset it`,
    );
  return problem;
}

/** Where the binding's package keeps the library: on Linux one for each C library, only one of which loads. */
function libraryFiles(): string[] {
  const root = join(dirname(require.resolve('@julusian/jpeg-turbo/package.json')), 'prebuilds');
  const { platform, arch } = process;
  const places: Partial<Record<NodeJS.Platform, string[]>> = {
    linux: [`jpeg-turbo-linux-${arch}/libturbojpeg.so.0`, `jpeg-turbo-linux-${arch}-musl/libturbojpeg.so.0`],
    darwin: [`jpeg-turbo-darwin-${arch}/node-napi-v7.node`],
  };
  return (places[platform] ?? []).map((place) => join(root, place)).filter((place) => existsSync(place));
}

function bind(file: string): TurboJpegFunctions {
  const koffi = require('koffi') as typeof import('koffi').default;
  const opened = koffi.load(file);
  const factor = koffi.struct({ num: 'int', denom: 'int' });
  const region = koffi.struct({ x: 'int', y: 'int', w: 'int', h: 'int' });
  const int = 'int';
  const bytes = 'uint8_t *';
  const functions: TurboJpegFunctions = {
    tj3Init: opened.func('tj3Init', 'void *', [int]),
    tj3Destroy: opened.func('tj3Destroy', 'void', ['void *']),
    tj3DecompressHeader: opened.func('tj3DecompressHeader', int, ['void *', bytes, 'size_t']),
    tj3Get: opened.func('tj3Get', int, ['void *', int]),
    tj3Set: opened.func('tj3Set', int, ['void *', int, int]),
    tj3SetScalingFactor: opened.func('tj3SetScalingFactor', int, ['void *', factor]),
    tj3SetCroppingRegion: opened.func('tj3SetCroppingRegion', int, ['void *', region]),
    tj3JPEGBufSize: opened.func('tj3JPEGBufSize', 'size_t', [int, int, int]),
    tj3Compress8: opened.func('tj3Compress8', int, [
      'void *',
      bytes,
      ...[int, int, int, int],
      'void *',
      'void *',
    ]),
    addressOf: (memory) => koffi.address(memory) as bigint,
    tj3Decompress8: opened.func('tj3Decompress8', int, ['void *', bytes, 'size_t', bytes, int, int]),
  };
  return functions;
}
