/**
 * Portable anymaps P1 to P6 as RGB: bits, gray and color, as text or as bytes, with values up to 65,535. Values are
 * Pillow's: v becomes the whole number nearest to 255 · v / maxval, the even one of two. Of several images in a file the
 * first is read.
 */
import { PlainFault } from './plain-fault.js';

interface Anymap {
  /** 1 to 6. */
  readonly kind: number;
  readonly width: number;
  readonly height: number;
  readonly most: number;
  /** Where the pixels begin. */
  readonly start: number;
}

const SHORT = 'is cut short; restore the image or remove it';

/** Width and height, from a header that is whole. */
export function pnmSize(bytes: Buffer): { width: number; height: number } {
  const { width, height } = headerOf(bytes);
  return { width, height };
}

/** Writes [H, W, 3] to `out`, which has room for it. */
export function readPnm(bytes: Buffer, out: Uint8Array): void {
  const map = headerOf(bytes);
  const color = map.kind === 3 || map.kind === 6;
  const samples = (color ? 3 : 1) * map.width * map.height;
  if (map.kind === 4) bits(bytes, map, out);
  else if (map.kind > 4) binary(bytes, map, samples, color, out);
  else text(bytes, map, samples, color, out);
}

function headerOf(bytes: Buffer): Anymap {
  const words = new Words(bytes, 2);
  const kind = (bytes[1] as number) - 48;
  const width = words.header('width');
  const height = words.header('height');
  const bilevel = kind === 1 || kind === 4;
  const most = bilevel ? 1 : words.header('largest value');
  if (width < 1 || height < 1)
    throw new PlainFault(`is ${width}×${height} pixels large; restore the image or remove it`);
  if (most < 1 || most > 65_535)
    throw new PlainFault(`has values up to ${most}, and 1 to 65535 are allowed; write it again`);
  return { kind, width, height, most, start: words.at };
}

/** Numbers and whitespace as text; `#` begins a comment that ends with its line. */
class Words {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  /** A number of the header, and the one whitespace behind it. */
  header(what: string): number {
    const number = this.number(10);
    if (number === undefined)
      throw new PlainFault(`has no number for its ${what}; restore the image or remove it`);
    // Readers do not agree on a comment right behind a number.
    const behind = this.bytes[this.at++];
    if (behind === undefined || isSpace(behind)) return number;
    throw new PlainFault(`has no whitespace behind its ${what}; write it again`);
  }

  /** The next number of at most so many digits; undefined where there is none. */
  number(digits: number): number | undefined {
    this.skip();
    let value: number | undefined;
    for (let n = 0; n < digits; n++, this.at++) {
      const digit = (this.bytes[this.at] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      value = 10 * (value ?? 0) + digit;
    }
    return value;
  }

  /** Whether a number ends here. */
  get between(): boolean {
    const byte = this.bytes[this.at];
    return byte === undefined || isSpace(byte) || byte === HASH;
  }

  private skip(): void {
    const { bytes } = this;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at] as number;
      if (byte === HASH) while (this.at < bytes.length && !isLineEnd(bytes[this.at] as number)) this.at++;
      else if (!isSpace(byte)) return;
    }
  }
}

const HASH = 35;
const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
const isLineEnd = (byte: number) => byte === 10 || byte === 13;

function text(bytes: Buffer, map: Anymap, samples: number, color: boolean, out: Uint8Array): void {
  const { kind, most, start } = map;
  const scale = scaleOf(most);
  const words = new Words(bytes, start);
  for (let i = 0, to = 0; i < samples; i++) {
    // Bits need no whitespace between them.
    const value = words.number(kind === 1 ? 1 : 10);
    if (value === undefined && words.at >= bytes.length) throw new PlainFault(SHORT);
    if (value === undefined || value > most || (kind !== 1 && !words.between))
      throw new PlainFault(`has a value at byte ${words.at} that is not in 0..${most}; write it again`);
    const level = kind === 1 ? 255 * (1 - value) : (scale[value] as number);
    out[to++] = level;
    if (!color) for (let c = 1; c < 3; c++) out[to++] = level;
  }
}

function bits(bytes: Buffer, { width, height, start }: Anymap, out: Uint8Array): void {
  const stride = Math.ceil(width / 8);
  if (start + stride * height > bytes.length) throw new PlainFault(SHORT);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const one = ((bytes[start + y * stride + (x >> 3)] as number) >> (7 - (x & 7))) & 1;
      for (let c = 0; c < 3; c++) out[to++] = 255 * (1 - one);
    }
  }
}

function binary(bytes: Buffer, map: Anymap, samples: number, color: boolean, out: Uint8Array): void {
  const { most, start } = map;
  const size = most < 256 ? 1 : 2;
  if (start + size * samples > bytes.length) throw new PlainFault(SHORT);
  const scale = scaleOf(most);
  for (let i = 0, to = 0, from = start; i < samples; i++, from += size) {
    const value = size === 1 ? (bytes[from] as number) : bytes.readUInt16BE(from);
    const level = scale[Math.min(value, most)] as number;
    out[to++] = level;
    if (!color) for (let c = 1; c < 3; c++) out[to++] = level;
  }
}

/** 0..most to 0..255. */
function scaleOf(most: number): Uint8Array {
  return Uint8Array.from({ length: most + 1 }, (_, v) => {
    const level = (v / most) * 255;
    const below = Math.floor(level);
    if (level - below !== 0.5) return Math.round(level);
    return below + (below % 2);
  });
}
