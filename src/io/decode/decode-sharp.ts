/**
 * All that libjpeg-turbo does not decode, by libvips: PNG, WebP, AVIF, TIFF, GIF (the first frame or page), and
 * JPEG that is CMYK, nearly lossless, rarely sampled, or with a profile that holds tables.
 *
 * Out: uint8 [H, W, 3] sRGB; 16 bits become 8, gray becomes RGB, alpha is blended over the background, EXIF
 * orientation is applied, embedded profiles are converted to sRGB. CMYK without a profile is taken as that of a
 * common press; where profiles are ignored it is taken as light, (1 − C)(1 − K), as Pillow does.
 *
 * libvips does not report damage inside a JPEG's data, and cannot be stopped inside a codec: after the time
 * limit the sample is given up, while its thread may work on.
 */
import { Late } from './decode-errors.js';
import type { ToSrgb } from './icc.js';
import { loadSharp, type Sharp } from './native.js';
import { orient, swapsSides } from './orient.js';
import { cmykToRgb, type Pixels, type Rgb, type Target, toRgb } from './pixels.js';
import { type Ycbcr, ycbcrToRgb } from './ycbcr.js';

export interface SharpLimits {
  readonly maxPixels: number;
  /** Seconds. */
  readonly timeout: number;
  readonly background: Rgb;
  readonly profiles: 'convert' | 'ignore';
}

/** What is known of an image beyond its bytes. */
export interface Known {
  /** Returns what can be read of a damaged image. */
  readonly damaged?: boolean;
  /** The conversion of its profile, in place of the one by libvips. */
  readonly colors?: ToSrgb | 'same';
  readonly cmyk?: boolean;
  readonly ycbcr?: Ycbcr;
  /** EXIF orientation as our own header has it, in place of the one that libvips finds. */
  readonly orientation?: number;
}

/** The pixels; rejects with the error of libvips, or with `Late`. */
export async function decodeWithSharp(
  bytes: Uint8Array,
  limits: SharpLimits,
  known: Known,
  target?: Target,
): Promise<Pixels> {
  const { colors, cmyk, ycbcr, orientation = 1 } = known;
  const inks = cmyk && limits.profiles === 'ignore';
  const input = open(await loadSharp(), bytes, limits, known).timeout({
    seconds: Math.max(1, Math.ceil(limits.timeout)),
  });
  const [r, g, b] = limits.background;
  // Only what an image needs, for each step costs time.
  const light = inks
    ? input.pipelineColorspace('cmyk').toColorspace('cmyk')
    : input.flatten({ background: { r, g, b } }).toColorspace('srgb');
  const work = light.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { data, info } = await inTime(work, limits.timeout);
  const { width, height, channels } = info;
  const size = 3 * width * height;
  const rgb = channels === 3 ? data : new Uint8Array(size);
  if (inks && channels === 4) cmykToRgb(data, width * height, rgb);
  else if (channels !== 3) toRgb(data, channels, width * height, limits.background, rgb);
  if (ycbcr) ycbcrToRgb(rgb, ycbcr);
  if (typeof colors === 'function') colors(rgb);
  const swap = swapsSides(orientation);
  const upright = { width: swap ? height : width, height: swap ? width : height, channels: 3 } as const;
  if (!target && orientation === 1) return { ...upright, data: rgb };
  const out = target ? target(size).subarray(0, size) : new Uint8Array(size);
  if (orientation === 1) out.set(rgb);
  else orient(rgb, width, height, orientation, out);
  return { ...upright, data: out };
}

/** Upright width and height, without decoding. */
export async function sizeWithSharp(
  bytes: Uint8Array,
  limits: SharpLimits,
): Promise<{ width: number; height: number }> {
  const work = open(await loadSharp(), bytes, limits, {}).metadata();
  const { autoOrient } = await inTime(work, limits.timeout);
  return { width: autoOrient.width, height: autoOrient.height };
}

function open(sharp: Sharp, bytes: Uint8Array, limits: SharpLimits, known: Known) {
  const { damaged, colors, ycbcr, orientation } = known;
  return sharp(still(bytes), {
    failOn: damaged ? 'none' : 'warning',
    sequentialRead: true,
    pages: 1,
    autoOrient: orientation === undefined,
    limitInputPixels: limits.maxPixels,
    ignoreIcc: limits.profiles === 'ignore' || colors !== undefined || ycbcr !== undefined,
  });
}

/** An animated AVIF as the still picture that it holds too: libvips takes it by that name only. */
function still(bytes: Uint8Array): Uint8Array {
  const brand = String.fromCharCode(...bytes.subarray(4, 12));
  if (brand !== 'ftypavis') return bytes;
  const copy = Uint8Array.from(bytes);
  copy.set(Buffer.from('avif'), 8);
  return copy;
}

function inTime<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late()), 1000 * seconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
