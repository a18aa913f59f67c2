/** Reads and checks the headers of a bitmap before any memory is allocated. */
import { PlainFault } from './plain-fault.js';

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from the top down; usual is from the bottom up. */
  readonly topDown: boolean;
  /** Of a pixel. */
  readonly bits: number;
  /** Runs of pixels: RLE4 or RLE8. */
  readonly runs: boolean;
  /** RGB, three bytes a color; empty from 16 bits on. */
  readonly palette: Uint8Array;
  /** Of 16 and 32 bits: red, green, blue and, where there is one, alpha. */
  readonly masks: readonly number[];
  /** Where the pixels begin. */
  readonly start: number;
}

const FILE_HEADER = 14;
/** Sizes of the second header, of OS/2 and of Windows. */
const OS2 = 12;
const OS2_V2 = 64;
const KNOWN: ReadonlySet<number> = new Set([OS2, 40, 52, 56, OS2_V2, 108, 124]);

const RAW = 0;
const RLE8 = 1;
const RLE4 = 2;
const MASKS = 3;
const ALPHA_MASKS = 6;

const FIFTEEN = [0x7c00, 0x3e0, 0x1f];
const THIRTY_TWO = [0xff0000, 0xff00, 0xff];
const TOP_BYTE = 0xff000000;

/** Width and height, from a header that is whole. */
export function bmpSize(bytes: Buffer): { width: number; height: number } {
  const size = bytes.length < FILE_HEADER + OS2 ? 0 : bytes.readUInt32LE(FILE_HEADER);
  if (bytes.length < FILE_HEADER + Math.max(OS2, size))
    throw new PlainFault('is cut short; restore the image or remove it');
  if (!KNOWN.has(size))
    throw new PlainFault(`has a header of ${size} bytes, which is of no known kind; convert it to PNG`);
  const width = size === OS2 ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const height = Math.abs(size === OS2 ? bytes.readUInt16LE(20) : bytes.readInt32LE(22));
  if (width < 1 || height < 1)
    throw new PlainFault(`is ${width}×${height} pixels large; restore the image or remove it`);
  return { width, height };
}

export function bitmapOf(bytes: Buffer): Bitmap {
  const { width, height } = bmpSize(bytes);
  const size = bytes.readUInt32LE(FILE_HEADER);
  const old = size === OS2;
  const topDown = !old && bytes.readInt32LE(22) < 0;
  const bits = bytes.readUInt16LE(old ? 24 : 28);
  const packing = old ? RAW : bytes.readUInt32LE(30);
  const runs = (packing === RLE8 && bits === 8) || (packing === RLE4 && bits === 4);
  const masks = packing === MASKS || packing === ALPHA_MASKS;
  const known = masks ? [16, 32] : [1, 4, 8, 16, 24, 32];
  if (!(packing === RAW || runs || (masks && size !== OS2_V2)) || !known.includes(bits)) {
    throw new PlainFault(
      `has ${bits} bits a pixel in compression ${packing}, which is not read; convert it to PNG`,
    );
  }
  if (runs && topDown) throw new PlainFault('is run-length coded from the top down; convert it to PNG');
  const stated = old ? 0 : bytes.readUInt32LE(46);
  const colors = bits > 8 ? 0 : stated || 1 << bits;
  const step = old ? 3 : 4;
  const begin = FILE_HEADER + size + (masks && size === 40 ? (packing === MASKS ? 12 : 16) : 0);
  // Some programs leave the palette out of account.
  const offset = bytes.readUInt32LE(10);
  const start = offset === begin ? begin + step * colors : offset;
  if (start < begin) throw new PlainFault('has pixels that begin inside its headers; write it again');
  if (start > bytes.length || begin + step * Math.min(colors, 256) > bytes.length)
    throw new PlainFault('is cut short; restore the image or remove it');
  return {
    width,
    height,
    topDown,
    bits,
    runs,
    palette: paletteAt(bytes, begin, Math.min(colors, 256), step),
    masks: bits === 16 || bits === 32 ? masksOf(bytes, size, bits, packing) : [],
    start,
  };
}

/** Stored as blue, green, red and, but in old headers, a byte of nothing. */
function paletteAt(bytes: Buffer, begin: number, colors: number, step: number): Uint8Array {
  const palette = new Uint8Array(3 * colors);
  for (let i = 0; i < palette.length; i++) {
    palette[i] = bytes[begin + step * Math.floor(i / 3) + 2 - (i % 3)] as number;
  }
  return palette;
}

function masksOf(bytes: Buffer, size: number, bits: number, packing: number): readonly number[] {
  const usual = bits === 16 ? FIFTEEN : THIRTY_TWO;
  if (packing === RAW) return usual;
  const at = FILE_HEADER + 40; // In the larger headers, or behind the one of 40 bytes.
  const alpha = size >= 56 || packing === ALPHA_MASKS;
  if (at + 16 > bytes.length) throw new PlainFault('is cut short; restore the image or remove it');
  const colors = [0, 4, 8].map((i) => bytes.readUInt32LE(at + i));
  const last = alpha ? bytes.readUInt32LE(at + 12) : 0;
  if (colors.every((mask) => mask === 0)) return bits === 32 ? [...usual, TOP_BYTE >>> 0] : usual;
  return last === 0 ? colors : [...colors, last];
}
