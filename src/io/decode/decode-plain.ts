/** BMP and PNM, which libvips does not read here: decoded at once, without a promise, their limits checked first. */

import { badSample } from '../problems.js';
import { readBmp } from './bmp.js';
import { bmpSize } from './bmp-header.js';
import { tooManyPixels } from './decode-errors.js';
import type { Pixels, Rgb, Target } from './pixels.js';
import { PlainFault } from './plain-fault.js';
import { pnmSize, readPnm } from './pnm.js';
import type { ImageFormat } from './sniff.js';

export type PlainFormat = 'bmp' | 'pnm';

export const isPlainFormat = (format: ImageFormat): format is PlainFormat =>
  format === 'bmp' || format === 'pnm';

/** @throws BadSampleError where the header is damaged or the image has more pixels than that */
export function plainSize(bytes: Buffer, format: PlainFormat, maxPixels: number, name: string) {
  return guarded(format, name, () => {
    const size = format === 'bmp' ? bmpSize(bytes) : pnmSize(bytes);
    if (size.width * size.height <= maxPixels) return size;
    throw badSample(name, tooManyPixels(maxPixels, size.width, size.height));
  });
}

/** `target` gives memory for the pixels. */
export function decodePlain(
  bytes: Buffer,
  format: PlainFormat,
  limits: { readonly maxPixels: number; readonly background: Rgb },
  name: string,
  target: Target,
): Pixels {
  const { width, height } = plainSize(bytes, format, limits.maxPixels, name);
  return guarded(format, name, () => {
    const size = 3 * width * height;
    const data = target(size).subarray(0, size);
    if (format === 'bmp') readBmp(bytes, limits.background, data);
    else readPnm(bytes, data);
    return { data, width, height, channels: 3 };
  });
}

function guarded<T>(format: PlainFormat, name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PlainFault) throw badSample(name, `this ${format.toUpperCase()} ${error.message}`);
    throw error;
  }
}
