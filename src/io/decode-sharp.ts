/**
 * All that is not a plain JPEG, decoded by libvips: PNG, WebP, AVIF, TIFF, GIF (first frame or page), and
 * JPEG in CMYK, with another colour space's profile, or with rare sampling.
 *
 * Out: uint8 [H, W, 3] sRGB; 16 bits become 8, grey becomes RGB, alpha is blended over the background,
 * EXIF orientation is applied, embedded profiles are converted to sRGB.
 *
 * libvips keeps the undamaged part of a damaged JPEG that is not cut short, and cannot be stopped inside a
 * codec: after the time limit the sample is given up, while its thread may work on.
 */
import { messageOf } from '../core/index.js';
import { loadSharp } from './native.js';
import { type Rgb, type Target, toRgb } from './pixels.js';
import { badSample } from './problems.js';
import type { ImageFormat } from './sniff.js';

export interface SharpLimits {
  readonly maxPixels: number;
  /** Seconds. */
  readonly timeout: number;
  readonly background: Rgb;
  readonly profiles: 'convert' | 'ignore';
}

/** What one image needs: only then is a step added, for each costs time. */
const INPUT = { failOn: 'warning', sequentialRead: true, pages: 1, autoOrient: true } as const;

export async function decodeWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  limits: SharpLimits,
  name: string,
  target?: Target,
): Promise<{ data: Uint8Array; width: number; height: number; channels: 3 }> {
  const sharp = await loadSharp();
  const [r, g, b] = limits.background;
  const work = sharp(bytes, {
    ...INPUT,
    limitInputPixels: limits.maxPixels,
    ignoreIcc: limits.profiles === 'ignore',
  })
    .timeout({ seconds: Math.max(1, Math.ceil(limits.timeout)) })
    .flatten({ background: { r, g, b } })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { data, info } = await inTime(work, limits.timeout).catch((error: unknown) => {
    throw badSample(name, reasonOf(error, format, limits), error);
  });
  const { width, height, channels } = info;
  const size = 3 * width * height;
  if (channels === 3 && !target) return { data, width, height, channels: 3 };
  const out = target ? target(size).subarray(0, size) : new Uint8Array(size);
  if (channels === 3) out.set(data);
  else toRgb(data, channels, width * height, limits.background, out);
  return { data: out, width, height, channels: 3 };
}

/** Upright width and height, without decoding. */
export async function sizeWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  limits: SharpLimits,
  name: string,
): Promise<{ width: number; height: number }> {
  const sharp = await loadSharp();
  const work = sharp(bytes, { ...INPUT, limitInputPixels: limits.maxPixels }).metadata();
  const { autoOrient } = await inTime(work, limits.timeout).catch((error: unknown) => {
    throw badSample(name, reasonOf(error, format, limits), error);
  });
  return { width: autoOrient.width, height: autoOrient.height };
}

class Late extends Error {}

function inTime<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late()), 1000 * seconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** libvips says much in several lines; the first tells what, ours tells which way out. */
function reasonOf(error: unknown, format: ImageFormat, limits: SharpLimits): string {
  const said = messageOf(error).split('\n')[0]?.trim() ?? '';
  const kind = format.toUpperCase();
  if (error instanceof Late || /^timeout/.test(said)) {
    return `this ${kind} takes more than ${limits.timeout} s to decode; raise timeout or remove the image`;
  }
  if (/pixel limit/.test(said)) return tooManyPixels(limits.maxPixels);
  if (/premature end|truncated|end of stream|unexpected end/i.test(said)) {
    return `this ${kind} is cut short; restore the image or remove it`;
  }
  return `this ${kind} cannot be decoded (${said}); restore the image or remove it`;
}

export function tooManyPixels(maxPixels: number, width?: number, height?: number): string {
  const count = width && height ? `its ${width}×${height} pixels are` : 'it has';
  const than = width && height ? 'more than maxPixels allows' : 'more pixels than maxPixels allows';
  return `${count} ${than} (${maxPixels}); raise maxPixels, or shrink or remove the image`;
}
