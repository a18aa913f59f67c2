/** Why an image cannot be decoded: the messages of the libraries in plain words, with a fix. */
import { messageOf } from '../../core/index.js';
import type { ImageFormat } from './sniff.js';

/** A decoder took more than its time. */
export class Late extends Error {}

interface Limits {
  readonly maxPixels: number;
  /** Seconds. */
  readonly timeout: number;
}

/** The end of a sentence about one image that libvips refused; where none of our words fit, its own are quoted. */
export function reasonOf(error: unknown, format: ImageFormat, { maxPixels, timeout }: Limits): string {
  const kind = format.toUpperCase();
  if (isLate(error))
    return `this ${kind} takes more than ${timeout} s to decode; raise timeout or remove the image`;
  if (isTooLarge(error)) return tooManyPixels(maxPixels);
  const line = firstLine(error);
  const known = WORDS.find(([pattern]) => pattern.test(line));
  if (known) return `this ${kind} ${known[1].replaceAll('KIND', kind)}`;
  return `this ${kind} cannot be decoded (libvips reports ${quoted(line)}); restore the image or remove it`;
}

/** Messages of libvips, with or without numbers, and their meaning. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /premature end|truncated|unexpected end|end of stream|bad seek|read error at|not enough data/i,
    'is cut short; restore the image or remove it',
  ],
  [
    /not configured|not implemented|unsupported (jpeg process|feature|codec|data precision)|no known route|unimplemented/i,
    'is stored in a way that is not read here; save it as plain 8-bit RGB, or remove it',
  ],
  [/out of memory|unable to allocate|malloc/i, 'needs more memory than there is; shrink or remove the image'],
  [
    /corrupt header|unsupported image format|unable to parse|out of range|required field/i,
    'has a damaged header; restore the image or remove it',
  ],
  [/failOn setting/, 'is damaged, or violates its format; restore it, save it again, or remove it'],
  [
    /libpng read error|unable to read pixels|invalid frame|decoding error|bad code|corrupt|not yet in table|mismatch/i,
    'has damaged pixel data; restore the image or remove it',
  ],
];

/** A JPEG that its decoders refuse although it has an end. */
export function damagedBeyond(error: unknown): string {
  const line = firstLine(error);
  const unread = /unsupported jpeg process|data precision/i.test(line);
  return unread
    ? 'this JPEG is stored in a way that is not read here; save it as a baseline JPEG, or remove it'
    : `this JPEG is damaged beyond what can be read (libvips reports ${quoted(line)}); restore the image or remove it`;
}

export const isLate = (error: unknown): boolean => error instanceof Late || /^timeout/.test(firstLine(error));

export const isTooLarge = (error: unknown): boolean => /pixel limit/.test(firstLine(error));

export function tooManyPixels(maxPixels: number, width?: number, height?: number): string {
  const count = width && height ? `its ${width}×${height} pixels are` : 'it has';
  const than = width && height ? 'more than maxPixels allows' : 'more pixels than maxPixels allows';
  return `${count} ${than} (${maxPixels}); raise maxPixels, or shrink or remove the image`;
}

/** libvips reports several lines, some about other images: only the first is about this one. */
const firstLine = (error: unknown): string => messageOf(error).split('\n')[0]?.trim() ?? '';

/** A library's words without the names of its parts, short and printable. */
function quoted(text: string): string {
  const bare = text.replace(/^(?:Input buffer has corrupt header: )?(?:\w+: )*/, '').replace(/[^ -~]/g, '?');
  return `"${bare.length > 80 ? `${bare.slice(0, 77)}...` : bare}"`;
}
