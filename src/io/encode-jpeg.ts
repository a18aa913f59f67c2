/**
 * RGB pixels as JPEG: 4:4:4, the accurate DCT, and the Huffman tables of the standard, as libraries write it unless they
 * are asked for more. Tables made for the image would save 5 % of its bytes and take three times as long.
 */
import { createRequire } from 'node:module';
import { RxaugError } from '../core/index.js';
import { loadSharp } from './decode/native.js';
import { type Handle, loadTurboJpeg, type TurboJpegFunctions } from './decode/turbojpeg-library.js';

const require = createRequire(import.meta.url);

const COMPRESS = 0;
const RGB = 0;
const FULL_CHROMA = 0;
/** Parameters of a handle, as turbojpeg.h numbers them. */
const NO_REALLOCATION = 2;
const QUALITY = 3;
const SUBSAMPLING = 4;

/** Memory up to this size is kept from image to image. */
const KEPT = 16 << 20;

export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A compressor of TurboJPEG; it serves one thread. */
class JpegCompressor {
  private handle: Handle;
  private memory = Buffer.alloc(0);
  /** Where `memory` is, and what of it is free, then used: read and written by the library. */
  private readonly address = new BigUint64Array(1);
  private readonly size = new BigUint64Array(1);

  constructor(private readonly library: TurboJpegFunctions) {}

  compress({ data, width, height }: RgbImage, quality: number): Buffer {
    const { library, address, size } = this;
    const most = Number(library.tj3JPEGBufSize(width, height, FULL_CHROMA));
    // The library would read beyond the pixels, and write beyond memory that it must not replace.
    if (most <= 0 || data.length < 3 * width * height) throw failed(width, height);
    const memory = this.room(most);
    address[0] = library.addressOf(memory);
    size[0] = BigInt(memory.length);
    this.handle ??= this.opened(width, height);
    const fine =
      library.tj3Set(this.handle, QUALITY, quality) === 0 &&
      library.tj3Compress8(this.handle, data, width, 3 * width, height, RGB, address, size) === 0;
    if (!fine) {
      // After an error it is in the middle of that image.
      library.tj3Destroy(this.handle);
      this.handle = undefined;
      throw failed(width, height);
    }
    return Buffer.from(memory.subarray(0, Number(size[0])));
  }

  private opened(width: number, height: number): Handle {
    const { library } = this;
    const handle = library.tj3Init(COMPRESS);
    if (!handle) throw failed(width, height);
    library.tj3Set(handle, SUBSAMPLING, FULL_CHROMA);
    library.tj3Set(handle, NO_REALLOCATION, 1);
    return handle;
  }

  private room(bytes: number): Buffer {
    if (bytes <= this.memory.length) return this.memory;
    const memory = Buffer.allocUnsafeSlow(bytes);
    if (bytes <= KEPT) this.memory = memory;
    return memory;
  }
}

const failed = (width: number, height: number) =>
  new RxaugError(
    `encode: ${width}×${height} pixels could not be written as JPEG; check that there are as many, and free memory`,
  );

let compressor: JpegCompressor | null | undefined;

function opened(): JpegCompressor | null {
  if (compressor === undefined) {
    const library = loadTurboJpeg();
    compressor = library ? new JpegCompressor(library) : null;
  }
  return compressor;
}

/** The bytes of a JPEG; the same on every machine with the same `jpegEncoder()`. */
export async function encodeJpeg(image: RgbImage, quality: number): Promise<Buffer> {
  const turbo = opened();
  if (turbo) return turbo.compress(image, quality);
  const { data, width, height } = image;
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:4:4', optimizeCoding: false })
    .toBuffer();
}

/** The encoder of JPEG on this machine: `turbojpeg` with the version of its package, or `sharp`. The bytes depend on it. */
export function jpegEncoder(): string {
  if (!opened()) return 'sharp';
  const { version } = require('@julusian/jpeg-turbo/package.json') as { version: string };
  return `turbojpeg ${version}`;
}
