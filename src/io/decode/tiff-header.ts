/**
 * Reads the header of a TIFF's first page (TIFF 6.0 and BigTIFF): size, orientation, and any property without an agreed
 * meaning as an 8-bit picture. Such a file is refused, not guessed at.
 */
import { JFIF, type Ycbcr } from './ycbcr.js';

export interface TiffHeader {
  /** As stored. */
  readonly width: number;
  readonly height: number;
  /** 1..8, as in EXIF. */
  readonly orientation: number;
  /** Why it is refused, after 'this TIFF', with the way out; empty where it can be decoded. */
  readonly fault: string;
  /** Inks in place of light. */
  readonly cmyk: boolean;
  /** Given where samples are stored as luma and chroma that libvips returns unconverted. */
  readonly ycbcr?: Ycbcr;
}

/** The header of the first page, or undefined where it is damaged or cut short. */
export function readTiff(b: Buffer): TiffHeader | undefined {
  try {
    return interpreted(entriesOf(b));
  } catch (error) {
    if (error instanceof RangeError) return undefined; // an offset beyond the end
    throw error;
  }
}

const TAG = {
  pageKind: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  samples: 277,
  inks: 332,
  extra: 338,
  sampleFormat: 339,
  coefficients: 529,
  subsampling: 530,
  blackAndWhite: 532,
} as const;

/** What libtiff reads in every build of libvips that comes with the package. */
const COMPRESSIONS = new Set([1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50001]);
const NAMES: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
};
const JPEG = 7;
/** Photometric interpretations, and samples a pixel without extra ones. */
const COLORS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };
const PALETTE = 3;
const SEPARATED = 5;
const YCBCR = 6;
const OTHER_COLORS: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  8: 'LAB',
  9: 'LAB',
  10: 'LAB',
};

type Entries = ReadonlyMap<number, readonly number[]>;

function interpreted(entries: Entries): TiffHeader | undefined {
  const one = (tag: number, otherwise: number) => entries.get(tag)?.[0] ?? otherwise;
  const width = one(TAG.width, 0);
  const height = one(TAG.height, 0);
  if (width < 1 || height < 1 || !entries.has(TAG.photometric)) return undefined;
  const turned = one(TAG.orientation, 1);
  const orientation = turned >= 1 && turned <= 8 ? turned : 1;
  const photometric = one(TAG.photometric, 0);
  const fault = faultOf(entries, one);
  const raw = photometric === YCBCR && one(TAG.compression, 1) !== JPEG;
  const [across = 2, down = 2] = entries.get(TAG.subsampling) ?? [];
  const ycbcr = raw && across === 1 && down === 1 ? ycbcrOf(entries) : undefined;
  return { width, height, orientation, fault, cmyk: photometric === SEPARATED, ycbcr };
}

function faultOf(entries: Entries, one: (tag: number, otherwise: number) => number): string {
  const compression = one(TAG.compression, 1);
  const photometric = one(TAG.photometric, 0);
  const samples = one(TAG.samples, 1);
  const bits = entries.get(TAG.bits) ?? [1];
  const [depth = 1] = bits;
  const extras = entries.get(TAG.extra) ?? [];
  const colors = COLORS[photometric];
  if (one(TAG.pageKind, 0) & 1)
    return 'begins with a reduced copy of the picture; save the full picture as its first page';
  if (colors === undefined) {
    const name = OTHER_COLORS[photometric] ?? `color space ${photometric}`;
    return `is stored as ${name}, which is not read; save it as RGB`;
  }
  const kind = KINDS[one(TAG.sampleFormat, 1)];
  if (kind) return `has ${kind} samples, which have no agreed black and white; save it with 8 or 16 bits`;
  const deep = photometric === PALETTE || photometric === YCBCR ? 8 : 16;
  const flat = colors === 1 && samples === 1;
  const known = depth === 8 || depth === deep || (flat && (depth === 1 || depth === 2 || depth === 4));
  if (!known || bits.some((n) => n !== depth))
    return `has ${bits.join(', ')} bits a sample, which are not read; save it with 8${deep === 16 ? ' or 16' : ''} bits`;
  if (photometric === SEPARATED && one(TAG.inks, 1) !== 1)
    return 'is stored as inks other than CMYK, which are not read; save it as RGB';
  const more = samples - colors;
  const alpha = photometric === PALETTE || photometric === SEPARATED || photometric === YCBCR ? 0 : 1;
  if (more < 0 || more > alpha || (more === 1 && !extras[0])) {
    return `has ${samples} channels a pixel that are not ${NEEDED[photometric] ?? 'RGB, with or without alpha'}; save it as gray or RGB`;
  }
  if (!COMPRESSIONS.has(compression)) {
    return `is compressed with ${NAMES[compression] ?? `scheme ${compression}`}, which is not read; save it with LZW, Deflate or none`;
  }
  return '';
}

const NEEDED: Readonly<Record<number, string>> = {
  0: 'gray, with or without alpha',
  1: 'gray, with or without alpha',
  3: 'a palette index',
  5: 'CMYK',
  6: 'YCbCr',
};

/** Sample formats that are refused; 1 is unsigned, 4 unknown, taken as unsigned. */
const KINDS: Readonly<Record<number, string>> = {
  2: 'signed',
  3: 'floating-point',
  5: 'complex',
  6: 'complex',
};

function ycbcrOf(entries: Entries): Ycbcr {
  const coefficients = entries.get(TAG.coefficients);
  const reference = entries.get(TAG.blackAndWhite);
  return {
    coefficients: coefficients?.length === 3 ? coefficients : JFIF.coefficients,
    reference: reference?.length === 6 ? reference : JFIF.reference,
  };
}

/** Bytes of a value by its type: BYTE, SHORT, LONG, RATIONAL, LONG8. */
const BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 5: 8, 16: 8 };
/** No tag that is read here needs more values. */
const MOST = 16;

/** Numbers by tag of the first directory; of a tag given twice the first counts. */
function entriesOf(b: Buffer): Entries {
  const little = b[0] === 0x49;
  const u16 = (at: number) => (little ? b.readUInt16LE(at) : b.readUInt16BE(at));
  const u32 = (at: number) => (little ? b.readUInt32LE(at) : b.readUInt32BE(at));
  const u64 = (at: number) => Number(little ? b.readBigUInt64LE(at) : b.readBigUInt64BE(at));
  const big = u16(2) === 43;
  const offset = big ? u64 : u32;
  const start = big ? u64(8) : u32(4);
  const count = big ? u64(start) : u16(start);
  if (count > 65_535) throw new RangeError('more entries than any TIFF has');
  const [head, entry, room] = big ? [8, 20, 8] : [2, 12, 4];
  const value = (type: number, at: number): number => {
    if (type === 1) return b.readUInt8(at);
    if (type === 3) return u16(at);
    if (type === 4) return u32(at);
    return type === 16 ? u64(at) : u32(at) / u32(at + 4);
  };
  const known = new Set<number>(Object.values(TAG));
  const entries = new Map<number, number[]>();
  for (let i = 0, at = start + head; i < count; i++, at += entry) {
    const tag = u16(at);
    const type = u16(at + 2);
    const bytes = BYTES[type];
    if (!known.has(tag) || entries.has(tag) || bytes === undefined) continue;
    const values = offset(at + 4);
    const inline = at + entry - room;
    const from = values * bytes <= room ? inline : offset(inline);
    entries.set(
      tag,
      Array.from({ length: Math.min(values, MOST) }, (_, k) => value(type, from + k * bytes)),
    );
  }
  return entries;
}
