/** What is seen of an image, and an image decoded at a fraction of its size: what plans and the decoder agree on. */

/** [x0, y0, x1, y1) in whole pixels. */
export type Window = readonly [x0: number, y0: number, x1: number, y1: number];

/** What is seen of an image. */
export interface View {
  /** In pixels of the upright image; outside it, pixels may hold anything. */
  readonly window: Window;
  /** The image may be decoded at one over this: 1, 2, 4 or 8. */
  readonly shrink: number;
}

/** An image decoded at a fraction of its size. */
export interface Shrunk {
  /** Of the upright image as decoded, a pixel that is cut off at an edge counted whole. */
  readonly width: number;
  readonly height: number;
  /** 2, 4 or 8. */
  readonly shrink: number;
  /** Where the corner of the full image lies, in these pixels: not at 0 where the edge that is cut off comes first. */
  readonly offset: readonly [x: number, y: number];
}
