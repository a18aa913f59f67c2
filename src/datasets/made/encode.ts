import { loadSharp, loadTurbo } from '../../io/decode/native.js';

/** RGB bytes of a square as a JPEG. */
export async function encode(pixels: Buffer, size: number, quality: number): Promise<Buffer> {
  const turbo = loadTurbo();
  if (turbo) {
    const options = {
      format: turbo.FORMAT_RGB,
      width: size,
      height: size,
      quality,
      subsampling: turbo.SAMP_420,
    };
    return Buffer.from(turbo.compressSync(pixels, options));
  }
  const sharp = await loadSharp();
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}
