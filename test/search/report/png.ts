/** PNGs back to pixels. */
import sharp from 'sharp';

export async function decodedPng(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
