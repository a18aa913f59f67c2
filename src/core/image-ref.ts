/** Where the pixels of a sample come from. */
export type ImageRef =
  /** An encoded image in a file of its own. */
  | { readonly kind: 'file'; readonly path: string }
  /** An encoded image inside an archive, as a range of its bytes. */
  | { readonly kind: 'range'; readonly path: string; readonly offset: number; readonly length: number }
  /** An encoded image in memory. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Pixels as they are, uint8 [H, W, C], as a range of a file: read when they are rendered, whatever the file's size. */
  | {
      readonly kind: 'raw';
      readonly path: string;
      /** Where the first pixel stands in the file. */
      readonly offset: number;
      readonly width: number;
      readonly height: number;
      /** 1 gray, 2 gray with alpha, 3 RGB, 4 RGB with alpha. */
      readonly channels: number;
      /** They stand in planes, [C, H, W]. Default false. */
      readonly planar?: boolean;
      /** Of a mask of one channel: ids of 8 bits, or of 16 with the low byte first. Default 8. */
      readonly bits?: 8 | 16;
    }
  /** Pixels in memory, [H, W, C] uint8. */
  | {
      readonly kind: 'pixels';
      readonly data: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly channels: number;
    };
