/** A raster [H, W, 3] uint8 as a PNG, in a folder that is made where it is not there. */
import { dirname } from 'node:path';
import { messageOf, RxaugError } from '../core/index.js';
import { makeFolder } from '../core/make-folder.js';

interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export async function writePng(file: string, { data, width, height }: Raster): Promise<void> {
  const { default: sharp } = await import('sharp'); // loads libvips, which most commands do not need
  makeFolder(dirname(file));
  try {
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
  } catch (error) {
    throw new RxaugError(`${file}: cannot be written (${messageOf(error)}); choose another place for it`);
  }
}
