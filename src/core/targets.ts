/**
 * The targets of an image that move with its pixels: masks, boxes, keypoints.
 *
 * All are given for the upright image, as it is once its EXIF orientation is applied.
 *
 * Coordinates are continuous: pixel i covers [i, i + 1), its center is i + ½, an image spans [0, W] × [0, H].
 *
 * - **Move** (flip, crop, warp): all three follow the pixels, move by move. What a move cuts off is gone: later
 *   moves never bring it back.
 * - **Fill** (padding, what a rotation uncovers): masks get `fill`; boxes and keypoints never come from there.
 *   A reflected or repeated border repeats the mask, as it repeats the pixels, but neither boxes nor keypoints.
 * - **Erasing** (cutout, grid mask): leaves targets alone, or hides them, as `erased` says.
 * - **Mix** (mosaic, cutmix): targets go where their pixels go. Blends refuse masks and keypoints.
 *
 * `docs/targets.md` shows all of it with examples.
 */
import type { ImageRef } from './image-ref.js';

/**
 * `voc` [x0, y0, x1, y1] and `coco` [x, y, width, height] in pixels; `yolo` [center x, center y, width, height]
 * and `normalized` [x0, y0, x1, y1] as shares of the image's sides.
 */
export type BoxFormat = 'voc' | 'coco' | 'yolo' | 'normalized';

/** One box. Fields of your own travel along unchanged, as `structuredClone` takes them. */
export interface BoundingBox {
  /** Four numbers, as the format of its `Boxes` says. */
  readonly box: readonly [number, number, number, number];
  /** Class of the box, a whole number ≥ 0. */
  readonly label: number;
  /**
   * Which object of the image it is: shared by its box, its keypoints and its value in a mask of `instances`. Stages
   * that put several images into one row add to the numbers of all but the first: no two objects share one.
   */
  readonly instance?: number;
  /** How much of the first box is still visible, in (0, 1); absent while all of it is. */
  readonly visible?: number;
  /** Weight in a loss; set by `mixup`, which keeps the boxes of both images. */
  readonly weight?: number;
}

/** The boxes of a sample. A moved box is the smallest upright one around what is left of the old one. */
export interface Boxes {
  readonly format: BoxFormat;
  readonly items: readonly BoundingBox[];
  /** Boxes of which less than this share of the area stays visible are dropped; in [0, 1], default 0. */
  readonly minVisibility?: number;
  /** Boxes of less than so many square pixels are dropped, default 0. */
  readonly minArea?: number;
  /** Boxes narrower than so many pixels are dropped, default 0. */
  readonly minWidth?: number;
  /** Boxes lower than so many pixels are dropped, default 0. */
  readonly minHeight?: number;
  /** Number of box classes: labels from it on are refused. Default: not checked. */
  readonly classes?: number;
  /**
   * A box that makes no sense (no area, NaN, outside the image): `drop` leaves it out, keeps the image and lists
   * it in `Batch.refused`; `fail` refuses the whole sample. Default `drop`.
   */
  readonly onBadBox?: 'drop' | 'fail';
}

/** One keypoint. Fields that are absent stay absent. */
export interface Keypoint {
  /** Pixels, continuous: the center of the first pixel is ½. */
  readonly x: number;
  readonly y: number;
  readonly name?: string;
  /** Which object of the image it belongs to. */
  readonly instance?: number;
  /** False once it has left the image, and for good. The border belongs to the image: 0 ≤ x ≤ W, 0 ≤ y ≤ H. */
  readonly visible?: boolean;
}

/** The keypoints of a sample: as many come out as went in, in their order. */
export interface Keypoints {
  readonly items: readonly Keypoint[];
  /**
   * Pairs that change places when the image is mirrored (left and right eye): by position in `items`, or by name,
   * then within each instance.
   */
  readonly swap?: readonly (readonly [number, number] | readonly [string, string])[];
}

/** Ids by pixel: an image file whose values are ids, or ids in memory. */
export type MaskRef =
  | ImageRef
  | {
      readonly kind: 'ids';
      /** [H, W] */
      readonly data: Uint8Array | Uint16Array;
      readonly width: number;
      readonly height: number;
    };

/**
 * A mask of ids by pixel (classes, or instances), of its image's size. Values are never blended. Read exactly:
 * from PNG with a palette (its indices) or gray of 1 to 16 bits; colors and lossy formats are refused.
 */
export interface Mask {
  readonly image: MaskRef;
  /** Bits of an id in a batch, 8 or 16, default 8: larger ids are refused. */
  readonly bits?: 8 | 16;
  /** What a move brings in from outside the image, default 0. */
  readonly fill?: number;
  /** The id to leave out of a loss, default 255: rows without this mask, and what `erased: 'hide'` covers. */
  readonly ignore?: number;
  /** Number of classes: ids from it on, other than `ignore` and `fill`, are refused. Default: not checked. */
  readonly classes?: number;
  /**
   * Ids are instances, numbered within each image; 0, `fill` and `ignore` are none of them. Stages that mix images
   * change them as they change `instance` of boxes and keypoints. `fill` is then 0 or `ignore`. Default false.
   */
  readonly instances?: boolean;
}

/** The masks, boxes and keypoints of one image, besides its label; they move with its pixels. */
export interface Targets {
  /** Short for `masks: { mask }`. */
  readonly mask?: MaskRef | Mask;
  /** Masks by name: `{ classes: …, instances: … }`. */
  readonly masks?: Readonly<Record<string, MaskRef | Mask>>;
  readonly boxes?: Boxes;
  readonly keypoints?: Keypoints;
  /**
   * What cutout, coarse dropout, grid mask and other fills of the image do: `keep` leaves targets as they are;
   * `hide` counts covered pixels as not visible for boxes, makes covered keypoints invisible and writes `ignore`
   * into masks. Default `keep`.
   */
  readonly erased?: 'keep' | 'hide';
  /** What an earlier stage left out, as sentences; shown in `Batch.refused`. */
  readonly refused?: readonly string[];
}

/** Boxes and keypoints of one rendered sample, in the formats that they came in. */
export interface MovedTargets {
  readonly boxes?: readonly BoundingBox[];
  readonly keypoints?: readonly Keypoint[];
  /** The format of `boxes`. */
  readonly format?: BoxFormat;
  /** The rules that boxes were kept by; stages that mix images keep them by the same. */
  readonly rules?: BoxRules;
  /** What was left out, as sentences. */
  readonly refused?: readonly string[];
  /** A number above those of all instances in the row, its masks counted; present where there are any. */
  readonly instances?: number;
}

/** The part of `Boxes` that says which boxes are kept. */
export type BoxRules = Pick<Boxes, 'minVisibility' | 'minArea' | 'minWidth' | 'minHeight'>;
