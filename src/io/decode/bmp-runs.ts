/** RLE4 and RLE8: a bitmap as runs of one color (two in turn), pixels one by one, ends of rows, and jumps. */
import type { Bitmap } from './bmp-header.js';
import { PlainFault } from './plain-fault.js';

const END_OF_ROW = 0;
const END = 1;
const JUMP = 2;

/** Numbers of colors [H, W], one a byte, from the bottom up. What is jumped over is of color 0. */
export function unpackRuns(bytes: Buffer, { width, height, bits, start }: Bitmap): Uint8Array {
  const out = new Uint8Array(width * height);
  const perByte = 8 / bits;
  let x = 0;
  let y = 0;
  /** What is beyond the end of a row is only there to fill up a byte. */
  const put = (index: number) => {
    if (x < width) out[y * width + x++] = index;
  };
  let at = start;
  while (y < height && !(y === height - 1 && x === width)) {
    if (at + 2 > bytes.length) throw new PlainFault('is cut short; restore the image or remove it');
    const [count, value] = [bytes[at] as number, bytes[at + 1] as number];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(part(value, i, bits));
    } else if (value === END_OF_ROW) {
      x = 0;
      y++;
    } else if (value === END) {
      if (y < height - 1) throw new PlainFault('ends before its last row; restore the image or remove it');
      return out;
    } else if (value === JUMP) {
      if (at + 2 > bytes.length) throw new PlainFault('is cut short; restore the image or remove it');
      x += bytes[at] as number;
      y += bytes[at + 1] as number;
      at += 2;
    } else {
      const length = Math.ceil(value / perByte);
      if (at + length > bytes.length) throw new PlainFault('is cut short; restore the image or remove it');
      for (let i = 0; i < value; i++) put(part(bytes[at + Math.floor(i / perByte)] as number, i, bits));
      at += length + (length % 2);
    }
  }
  return out;
}

/** Pixel i of those that share a byte, the upper half first. */
const part = (value: number, i: number, bits: number) =>
  bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15;
