/**
 * Windows and OS/2 bitmaps as RGB: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits, with masks or without, RLE4 and
 * RLE8; from the bottom up or the top down. Values are Pillow's: a channel of n bits is scaled by 255 / (2ⁿ − 1) and cut
 * to a whole number.
 *
 * The fourth byte of a pixel is alpha only where the header gives a mask for it, and not where it is 0 throughout, as
 * many programs write it. JPEG and PNG in a bitmap, and the compressions of OS/2, are refused.
 */
import { type Bitmap, bitmapOf } from './bmp-header.js';
import { unpackRuns } from './bmp-runs.js';
import { type Rgb, toRgb } from './pixels.js';
import { PlainFault } from './plain-fault.js';

/** Writes [H, W, 3] to `out`, which has room for it. */
export function readBmp(bytes: Buffer, background: Rgb, out: Uint8Array): void {
  const bitmap = bitmapOf(bytes);
  if (bitmap.runs) indexed(bitmap, unpackRuns(bytes, bitmap), bitmap.width, out);
  else {
    const { width, height, bits, start } = bitmap;
    const stride = 4 * Math.ceil((width * bits) / 32);
    // The padding of the last row may be missing.
    const needed = (height - 1) * stride + Math.ceil((width * bits) / 8);
    if (start + needed > bytes.length) throw new PlainFault('is cut short; restore the image or remove it');
    if (bits <= 8) indexed(bitmap, bytes.subarray(start), stride, out);
    else if (bits === 24) bgr(bytes, bitmap, stride, out);
    else masked(bytes, bitmap, stride, background, out);
  }
}

/** The stored row that is shown at y. */
const rowAt = ({ topDown, height }: Bitmap, y: number) => (topDown ? y : height - 1 - y);

/** Pixels that are numbers of colors, 1, 4 or 8 bits each, the highest bit first. */
function indexed(bitmap: Bitmap, rows: Uint8Array, stride: number, out: Uint8Array): void {
  const { width, height, palette } = bitmap;
  const bits = bitmap.runs ? 8 : bitmap.bits;
  const most = (1 << bits) - 1;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rowAt(bitmap, y) * stride;
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      const index = ((rows[row + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & most;
      const from = 3 * index;
      if (from >= palette.length) {
        throw new PlainFault(
          `has a pixel of color ${index} in a palette of ${palette.length / 3}; write it again`,
        );
      }
      out[to++] = palette[from] as number;
      out[to++] = palette[from + 1] as number;
      out[to++] = palette[from + 2] as number;
    }
  }
}

function bgr(bytes: Buffer, bitmap: Bitmap, stride: number, out: Uint8Array): void {
  const { width, height, start } = bitmap;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = start + rowAt(bitmap, y) * stride;
    for (let x = 0; x < width; x++, from += 3) {
      out[to++] = bytes[from + 2] as number;
      out[to++] = bytes[from + 1] as number;
      out[to++] = bytes[from] as number;
    }
  }
}

/** 16 or 32 bits, of which masks choose the channels. */
function masked(bytes: Buffer, bitmap: Bitmap, stride: number, background: Rgb, out: Uint8Array): void {
  const { width, height, bits, start, masks } = bitmap;
  const alpha = masks.length === 4;
  const pixels = alpha ? new Uint8Array(4 * width * height) : out;
  const channels = masks.map(channelOf);
  let to = 0;
  let opaque = alpha; // Until a pixel has some alpha.
  for (let y = 0; y < height; y++) {
    let from = start + rowAt(bitmap, y) * stride;
    for (let x = 0; x < width; x++, from += bits / 8) {
      const value = bits === 16 ? bytes.readUInt16LE(from) : bytes.readUInt32LE(from);
      for (const { shift, most } of channels)
        pixels[to++] = Math.floor(((((value >>> shift) & most) >>> 0) * 255) / most);
      if (alpha && pixels[to - 1] !== 0) opaque = false;
    }
  }
  if (!alpha) return;
  if (opaque) for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
  toRgb(pixels, 4, width * height, background, out);
}

/** The bits of a mask must stand side by side. */
function channelOf(mask: number): { readonly shift: number; readonly most: number } {
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  if (mask !== 0 && ((most + 1) & most) === 0) return { shift, most };
  throw new PlainFault(`has a mask of bits that are apart (0x${mask.toString(16)}); write it again`);
}
