/** What is divided, and what an earlier run decided about it. */

/** The images to divide, in columns. */
export interface SplitRows {
  readonly length: number;
  /** Group of each image, 0..groups-1: relatives and near-duplicates share one. */
  readonly group: Uint32Array;
  /** Unique and lasting name of image i: its content hash, or the group key that the user gave it. */
  key(i: number): string;
  /** Class of each image, -1 for none; read where shares are `exact`. */
  readonly label?: Int32Array;
  /** False for an image that is not written, so that it takes no share; read where shares are `exact`. Default: all are. */
  counts?(i: number): boolean;
  /** Where image i went before, if it was there. */
  earlier?(i: number): Earlier | undefined;
}

/** Where an image went before. */
export interface Earlier {
  readonly split: string;
  /** Generation that placed it, 0 for the first; the lower is the older. Default 0. */
  readonly since?: number;
}

/** A group whose images an earlier run had put into different splits. */
export interface Merge {
  readonly group: number;
  /** The older side; of two that are as old the one with more images, then the one with the smallest key. */
  readonly to: string;
  /** The images of each younger side: those that move, or with `merges: 'keep'` those that stay apart. */
  readonly from: readonly { readonly split: string; readonly images: readonly number[] }[];
}

/** In a column of splits by group: no split yet. */
export const UNSET = 255;
