/** What the scan learns of each image: all that filters, groups, splits and the plan need, so that it is read once. */
import type { ImageRef } from '../../core/index.js';
import type { ImageFormat } from '../../io/index.js';

/** An image to look at. */
export interface ScanItem {
  /** In the source. */
  readonly index: number;
  readonly id: string;
  readonly image: ImageRef;
}

/** An image that can be used. */
export interface Facts {
  readonly index: number;
  /** SHA-256 of the encoded bytes, or of the pixels where they are stored as such; hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** Upright. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat | 'pixels';
  /** Whether every reader shows its bytes alike: upright as stored, in a format that training tools read. */
  readonly plain: boolean;
  /** Of the decoded pixels, where they were asked for. */
  readonly measures?: Readonly<Record<string, number>>;
  /** What near-duplicates are found by, base64. */
  readonly look?: string;
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
