/** Where the pixels of a sample come from. */
export type ImageRef =
  /** An encoded image in a file of its own. */
  | { readonly kind: 'file'; readonly path: string }
  /** An encoded image inside an archive, as a range of its bytes. */
  | { readonly kind: 'range'; readonly path: string; readonly offset: number; readonly length: number }
  /** An encoded image in memory. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Pixels in memory, [H, W, C] uint8. */
  | {
      readonly kind: 'pixels';
      readonly data: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly channels: number;
    };
