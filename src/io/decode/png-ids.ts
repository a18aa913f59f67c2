/**
 * A PNG as ids by pixel: the stored numbers, not the colors they represent. Palette images give their
 * indices, gray ones of 1, 2, 4, 8 or 16 bits their values. Whatever has colors is refused.
 */
import { inflateSync } from 'node:zlib';
import { show } from '../../core/index.js';
import { orientationOf } from './jpeg-header.js';

export interface Ids {
  /** [H, W] */
  readonly data: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
}

/** The reason why a PNG cannot be read as ids. */
export class PngFault extends Error {}

const SIGNATURE_BYTES = 8;
/** Offsets and steps of Adam7's seven passes: x, y, dx, dy. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly interlaced: boolean;
}

/** @throws PngFault with a reason that fits behind a sample's name */
export function pngIds(bytes: Buffer, maxPixels: number): Ids {
  let header: Header | undefined;
  const parts: Buffer[] = [];
  for (const { type, data } of chunks(bytes)) {
    if (!header) {
      if (type !== 'IHDR') throw new PngFault('this PNG does not begin with its header; write it again');
      header = headerOf(data, maxPixels);
    } else if (type === 'IDAT') parts.push(data);
    else if (type === 'acTL' && data.length >= 4 && data.readUInt32BE(0) > 1)
      throw new PngFault('a mask is one image, but this PNG is an animation; save one frame of it');
    else if (isCritical(type) && type !== 'PLTE')
      throw new PngFault(
        `this PNG has a part, ${show(type)}, without which it means something else; write it again`,
      );
    else if (type === 'eXIf' && orientationOf(data, 0, data.length) !== 1)
      throw new PngFault('a mask must be stored upright, but its EXIF data turn it; turn its pixels');
  }
  if (!header) throw new PngFault('this PNG is empty; restore it');
  return unpack(inflated(Buffer.concat(parts), header), header);
}

/** Chunks of capital initials must be known, or the image is not what it seems. */
const isCritical = (type: string) => type >= 'A' && type < 'a';

function* chunks(bytes: Buffer): Generator<{ type: string; data: Buffer }> {
  for (let at = SIGNATURE_BYTES; ; ) {
    if (at + 12 > bytes.length) throw new PngFault('this PNG is cut short; restore it');
    const length = bytes.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw new PngFault('this PNG is cut short; restore it');
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
      throw new PngFault('this PNG is damaged; restore it');
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return;
    yield { type, data: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

function headerOf(data: Buffer, maxPixels: number): Header {
  if (data.length !== 13) throw new PngFault('this PNG has a header of another length; write it again');
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
  const [bits, color, packing, filtering, interlace] = data.subarray(8) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (color !== 0 && color !== 3) {
    const what = color === 4 ? 'gray with alpha' : color === 6 ? 'RGB with alpha' : 'RGB';
    throw new PngFault(
      `a mask holds one id a pixel, but this PNG is ${what}; save it with a palette or as gray, ids as its values`,
    );
  }
  const known = color === 3 ? [1, 2, 4, 8] : [1, 2, 4, 8, 16];
  const odd = !known.includes(bits) || packing !== 0 || filtering !== 0 || interlace > 1;
  if (odd || width === 0 || height === 0)
    throw new PngFault('this PNG has a header that means nothing; write it again');
  if (width * height > maxPixels)
    throw new PngFault(
      `its ${width}×${height} pixels are more than maxPixels allows (${maxPixels}); raise maxPixels`,
    );
  return { width, height, bits, interlaced: interlace === 1 };
}

/** The passes of an image: one, or seven with every so many pixels. */
function passes({ width, height, interlaced }: Header) {
  const all = interlaced ? ADAM7 : [[0, 0, 1, 1] as const];
  return all
    .map(([x, y, dx, dy]) => ({
      x,
      y,
      dx,
      dy,
      columns: Math.ceil((width - x) / dx),
      rows: Math.ceil((height - y) / dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

const rowBytes = (columns: number, bits: number) => Math.ceil((columns * bits) / 8);

function inflated(packed: Buffer, header: Header): Buffer {
  const size = passes(header).reduce((n, p) => n + p.rows * (1 + rowBytes(p.columns, header.bits)), 0);
  let raw: Buffer;
  try {
    raw = inflateSync(packed, { maxOutputLength: size + 1 });
  } catch {
    throw new PngFault('this PNG is damaged; restore it');
  }
  if (raw.length !== size)
    throw new PngFault('this PNG has more or fewer pixels than its header declares; restore it');
  return raw;
}

function unpack(raw: Buffer, header: Header): Ids {
  const { width, height, bits } = header;
  const data = bits === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows } of passes(header)) {
    const length = rowBytes(columns, bits);
    let before: Buffer = Buffer.alloc(length);
    for (let j = 0; j < rows; j++, at += 1 + length) {
      const row = raw.subarray(at + 1, at + 1 + length);
      unfilter(raw[at] as number, row, before, bits === 16 ? 2 : 1);
      before = row;
      const out = (y + j * dy) * width + x;
      for (let i = 0; i < columns; i++) data[out + i * dx] = valueAt(row, i, bits);
    }
  }
  return { data, width, height };
}

function valueAt(row: Buffer, i: number, bits: number): number {
  if (bits === 8) return row[i] as number;
  if (bits === 16) return row.readUInt16BE(2 * i);
  const bit = i * bits;
  return ((row[bit >> 3] as number) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}

/** Undoes the filter of a row in place; `step` bytes are one pixel. */
function unfilter(kind: number, row: Buffer, before: Buffer, step: number): void {
  if (kind === 0) return;
  if (kind > 4) throw new PngFault('this PNG is damaged; restore it');
  for (let i = 0; i < row.length; i++) {
    const left = i < step ? 0 : (row[i - step] as number);
    const up = before[i] as number;
    const corner = i < step ? 0 : (before[i - step] as number);
    const guess =
      kind === 1 ? left : kind === 2 ? up : kind === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    row[i] = ((row[i] as number) + guess) & 255;
  }
}

function paeth(a: number, b: number, c: number): number {
  const [p, q, r] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return p <= q && p <= r ? a : q <= r ? b : c;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** The checksum of PNG and gzip. */
export function crc32(bytes: Buffer): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = (TABLE[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
