/** The two native decoders, loaded when first needed, and what is wrong where one does not load. */
import { createRequire } from 'node:module';
import { messageOf } from '../../core/index.js';
import { whyNotTurboJpeg } from './turbojpeg-library.js';

const require = createRequire(import.meta.url);

/** `@julusian/jpeg-turbo`: libjpeg-turbo through Node-API. */
export interface Turbo {
  readonly FORMAT_RGB: number;
  readonly SAMP_444: number;
  readonly SAMP_420: number;
  /** Throws on truncated and damaged input alike, with a message that does not tell which. */
  decompressSync(image: Buffer, target: Buffer, options: { format: number }): TurboImage;
  compressSync(raw: Buffer, options: TurboEncoding): Buffer;
}

export interface TurboImage {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface TurboEncoding {
  format: number;
  width: number;
  height: number;
  quality: number;
  subsampling: number;
}

let turbo: Turbo | Error | undefined;

/** libjpeg-turbo, or undefined where this platform has no build of it: JPEG is then decoded as the other formats are. */
export function loadTurbo(): Turbo | undefined {
  turbo ??= attempt(() => require('@julusian/jpeg-turbo') as Turbo);
  return turbo instanceof Error ? undefined : turbo;
}

export type Sharp = typeof import('sharp').default;

let sharp: Promise<Sharp> | undefined;

export function loadSharp(): Promise<Sharp> {
  sharp ??= import('sharp').then((module) => module.default);
  return sharp;
}

/** A native decoder: its version, or the error with which it fails to load. */
export interface DecoderBackend {
  readonly name: 'turbojpeg' | 'jpeg-turbo' | 'sharp';
  readonly version?: string;
  readonly error?: string;
}

/**
 * The native image decoders of this machine and their versions: TurboJPEG, called directly, for parts of JPEG; the binding
 * to libjpeg-turbo, which has the whole with the fast DCT alone; sharp (libvips) for the other formats. `rxaug doctor`
 * prints them.
 *
 * @example
 * (await decoderBackends()).map(({ name }) => name) // → ['turbojpeg', 'jpeg-turbo', 'sharp']
 */
export async function decoderBackends(): Promise<DecoderBackend[]> {
  const jpeg = loadTurbo() ? { version: version('@julusian/jpeg-turbo') } : { error: messageOf(turbo) };
  const other = await loadSharp().then(
    ({ versions }) => ({ version: `${versions.sharp} (libvips ${versions.vips})` }),
    (error: unknown) => ({ error: messageOf(error).split('\n')[0] }),
  );
  const error = whyNotTurboJpeg();
  return [
    {
      name: 'turbojpeg',
      ...(error === undefined ? { version: (require('koffi') as { version: string }).version } : { error }),
    },
    { name: 'jpeg-turbo', ...jpeg },
    { name: 'sharp', ...other },
  ];
}

function version(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}

function attempt<T>(load: () => T): T | Error {
  try {
    return load();
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
