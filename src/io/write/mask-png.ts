/** Ids by pixel as a gray PNG of 8 or 16 bits. */
import { loadSharp } from '../decode/native.js';

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
