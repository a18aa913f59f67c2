/** What the scan learns of each image: all that filters, groups, splits and the plan need, so that it is read once. */
import type { Dataset, ImageRef } from '../../core/index.js';
import type { ImageFormat } from '../../io/index.js';
import { type MaskFile, maskFilesOf } from '../mask-files.js';
import type { Scored } from '../score/scoring.js';

/** An image to look at. */
export interface ScanItem {
  /** In the source. */
  readonly index: number;
  readonly id: string;
  readonly image: ImageRef;
  /** Those in files. */
  readonly masks?: readonly MaskFile[];
  /** Number of its class, where it is one class. */
  readonly label?: number;
}

/** Image i of a source, to look at. */
export function scanItem(source: Dataset, index: number): ScanItem {
  const { id, image, label, targets } = source.item(index);
  const masks = maskFilesOf(targets);
  return {
    index,
    id,
    image,
    ...(masks.length > 0 && { masks }),
    ...(typeof label === 'number' && { label }),
  };
}

/** See `src/prepare/measure`. */
export interface PixelMeasures {
  /** Variance of the Laplacian. */
  readonly sharpness: number;
  /** Standard deviation of the gray levels of the image at 32 × 32. */
  readonly contrast: number;
  /** Mean luma, 0..255. */
  readonly mean: number;
  /** Shares of pixels that are black and white. */
  readonly black: number;
  readonly white: number;
}

/** An image that can be used. */
export interface Facts {
  readonly index: number;
  /** SHA-256 of the encoded bytes, or of the pixels where they are stored as such; hexadecimal. */
  readonly sha256: string;
  /** SHA-256 over the bytes of its masks that lie in files, where it has some. */
  readonly masks?: string;
  readonly bytes: number;
  /** Upright. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat | 'pixels';
  /** Whether every reader shows its bytes alike: upright as stored, in a format that training tools read. */
  readonly plain: boolean;
  /** Of the decoded pixels, where they were asked for. */
  readonly measures?: PixelMeasures;
  /** The image as 32 × 32 gray levels, base64: what near-duplicates are found by. */
  readonly look?: string;
  /** What models say of it, by the digest of what they are asked; absent where another filter leaves it out before. */
  readonly scores?: Readonly<Record<string, Scored>>;
}

/** An image that cannot be used. */
export interface Refused {
  readonly index: number;
  readonly id: string;
  /** One sentence. */
  readonly refused: string;
  /** It may work another time: the disk or the network failed, not the image. */
  readonly passing?: boolean;
}

export type ScanLine = Facts | Refused;

export const isRefused = (line: ScanLine): line is Refused => 'refused' in line;
