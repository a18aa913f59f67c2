/** RGB pixels as an encoded image: PNG, JPEG or WebP. */
import { extname } from 'node:path';
import { z } from 'zod';
import { parseOptions, show, UsageError } from '../core/index.js';
import { loadSharp } from './decode/native.js';
import { encodeJpeg } from './encode-jpeg.js';

/** What images are written as. */
export type EncodedFormat = 'png' | 'jpeg' | 'webp';

/** File endings by which a format is chosen. */
const ENDINGS: Readonly<Record<string, EncodedFormat>> = {
  png: 'png',
  jpg: 'jpeg',
  jpeg: 'jpeg',
  webp: 'webp',
};

const encodeOptions = z.strictObject({
  /** Of JPEG and WebP, default 95; PNG keeps every pixel. */
  quality: z.int().min(1).max(100).optional(),
});

/** Options of `encodeImage`. */
export type EncodeOptions = z.input<typeof encodeOptions>;

/** Of JPEG and WebP: artifacts of a lower one are learned along with the picture. */
export const QUALITY = 95;

/** Longest side of an image that JPEG, and that WebP, can hold. */
const LONGEST: Readonly<Partial<Record<EncodedFormat, number>>> = { jpeg: 65_535, webp: 16_383 };

/** 'png', 'jpg', 'jpeg' or 'webp' → the format; `owner` is named in the error. */
export function encodedFormat(name: string, owner: string): EncodedFormat {
  const format = Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined;
  if (format) return format;
  throw new UsageError(`${owner}: expected png, jpg or webp but received ${show(name)}; choose one of them`);
}

/** The format that a file's ending names. */
export function formatOfPath(path: string, owner: string): EncodedFormat {
  return encodedFormat(extname(path).slice(1).toLowerCase(), owner);
}

/** uint8 [H, W, 3] → the bytes of a file. JPEG is written without chroma subsampling. */
export async function encodeImage(
  { data, width, height }: { readonly data: Uint8Array; readonly width: number; readonly height: number },
  format: EncodedFormat,
  options: EncodeOptions = {},
): Promise<Buffer> {
  const { quality } = parseOptions('encode', encodeOptions, options);
  if (format === 'png' && quality !== undefined)
    throw new UsageError(
      `encode: quality ${quality} means nothing for png; leave it out, or use jpg or webp`,
    );
  const longest = LONGEST[format];
  if (longest !== undefined && Math.max(width, height) > longest)
    throw new UsageError(
      `encode: expected sides of at most ${longest} for ${format} but received ${width}×${height}; resize it, or use png`,
    );
  if (format === 'jpeg') return encodeJpeg({ data, width, height }, quality ?? QUALITY);
  const sharp = await loadSharp();
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  if (format === 'png') return image.png().toBuffer();
  return image.webp({ quality: quality ?? QUALITY }).toBuffer();
}
