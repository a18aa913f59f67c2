/** Writes a raster [H, W, 3] uint8 as a PNG; creates the folder if needed. */
import { replaceFile } from '../core/files/write-file.js';

interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export async function writePng(file: string, { data, width, height }: Raster): Promise<void> {
  const { default: sharp } = await import('sharp'); // loads libvips, which most commands do not need
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  replaceFile(file, png);
}
