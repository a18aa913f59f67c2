/** Limits and choices of the decoder. */
import { z } from 'zod';
import { MOST_BYTES } from '../files.js';

const level = z.number().int().min(0).max(255);

export const decoderSchema = z.strictObject({
  /** Images with more pixels are refused. */
  maxPixels: z.number().int().min(1).default(64e6),
  /** Encoded images of more bytes are refused; what Node reads at once is the bound. */
  maxBytes: z.number().int().min(1).max(MOST_BYTES).default(256e6),
  /** Pixels times scans of a progressive JPEG: a few bytes can ask for hours of scans. */
  maxScannedPixels: z.number().int().min(1).default(1e9),
  /** Seconds that an image may take outside libjpeg-turbo, at most an hour. */
  timeout: z.number().positive().max(3600).default(30),
  /** What shows through transparent pixels. */
  background: z.tuple([level, level, level]).default([0, 0, 0]),
  /** Embedded color profiles other than sRGB: converted (slower), or ignored as Pillow does, CMYK included. */
  profiles: z.enum(['convert', 'ignore']).default('convert'),
  /** JPEG that is complete but damaged: refused, or kept as far as it can be read, gray after that. */
  damaged: z.enum(['refuse', 'keep']).default('refuse'),
  /**
   * The inverse DCT of JPEG. 'accurate': the pixels of Pillow and OpenCV, on every platform. libjpeg-turbo's fast one is
   * 45 dB from it on photos (40 dB at worst), which from quality 97 on is more than what JPEG itself lost; it is worth
   * its error only where the TurboJPEG library is absent (Windows, `--omit=optional`), for there the accurate one takes
   * 3 to 5 times the time, 50 times for images of 32 pixels. 'fast': always; 'auto': fast below quality 97.
   */
  dct: z.enum(['auto', 'fast', 'accurate']).default('accurate'),
  /**
   * JPEG is decoded at 1/2, 1/4 or 1/8 where it is then resampled, with antialiasing, to no more than that: large photos
   * take a fraction of the time and of the memory. Pixels differ a little, as with `draft()` of Pillow; false for none of
   * that. Where the TurboJPEG library is absent, images are always decoded at their full size.
   */
  scaledDecode: z.boolean().default(true),
  /**
   * 'seen': only the part of a JPEG that the recipe reads is decoded, and damage outside it may stay unseen; 'whole': all
   * of it is decoded, and all damage is found.
   */
  verify: z.enum(['seen', 'whole']).default('seen'),
  /** Archives kept open. */
  maxOpenFiles: z.number().int().min(1).default(64),
});

/** Limits and choices of the decoder; see `decoder` of `batch`. */
export type DecoderOptions = z.input<typeof decoderSchema>;
