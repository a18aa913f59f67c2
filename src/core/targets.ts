/** What lies on an image beside its label, and moves with its pixels. */
import type { ImageRef } from './sample.js';

/**
 * voc [x0, y0, x1, y1] and coco [x, y, width, height] in pixels; yolo [centre x, centre y, width, height] and
 * normalized [x0, y0, x1, y1] as shares of the image.
 */
export type BoxFormat = 'voc' | 'coco' | 'yolo' | 'normalized';

export interface BoundingBox {
  readonly box: readonly [number, number, number, number];
  readonly label: number;
}

export interface Boxes {
  readonly format: BoxFormat;
  readonly items: readonly BoundingBox[];
  /** Boxes of which less than this share stays in the image are dropped, default 0. */
  readonly minVisibility?: number;
  /** Boxes of less than so many square pixels are dropped, default 0. */
  readonly minArea?: number;
}

export interface Keypoint {
  /** Pixels, continuous: the centre of the first pixel is ½. */
  readonly x: number;
  readonly y: number;
  readonly name?: string;
  /** False once it has left the image. */
  readonly visible?: boolean;
}

export interface Keypoints {
  readonly items: readonly Keypoint[];
  /** Pairs that change places when the image is mirrored: left and right eye. */
  readonly swap?: readonly (readonly [number, number])[];
}

export interface Targets {
  /** Class numbers by pixel, of the image's size: a grey PNG, or pixels with one channel. */
  readonly mask?: ImageRef;
  readonly boxes?: Boxes;
  readonly keypoints?: Keypoints;
}

/** Targets of one rendered sample. */
export interface MovedTargets {
  readonly boxes?: readonly BoundingBox[];
  readonly keypoints?: readonly Keypoint[];
}
