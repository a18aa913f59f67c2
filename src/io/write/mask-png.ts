import { loadSharp } from '../decode/native.js';

/**
 * [H, W] ids as a gray PNG of 8 or 16 bits. By sharp, whose libpng a plan records: machines that share a preparation write
 * the same bytes. `pngOfIds` is quicker, but depends on Node's zlib.
 */
export async function encodeMask({
  data,
  width,
  height,
}: {
  readonly data: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
}): Promise<Buffer> {
  const sharp = await loadSharp();
  const image = sharp(data, { raw: { width, height, channels: 1 } });
  return (data instanceof Uint16Array ? image.toColourspace('grey16') : image.toColourspace('b-w'))
    .png()
    .toBuffer();
}
