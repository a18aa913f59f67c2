/**
 * Where the pixels of mixed rows come from, for masks, boxes and keypoints to follow. A batch transform declares it by
 * `follow`; without it, batches with such targets are refused.
 */
import type { Corners } from '../targets/polygon.js';

/** One image in a mixed row: an output point is scale · (its point) + shift. */
export interface MixLayer {
  /** The row of the batch that it comes from. */
  readonly from: number;
  /** The whole pixels [x0, y0, x1, y1) of the output that it may show in. */
  readonly to: Corners;
  readonly shift: readonly [x: number, y: number];
  /** Both above 0, because pairs of keypoints cannot change places here; default 1, 1. */
  readonly scale?: readonly [x: number, y: number];
  /** Whole pixels [x0, y0, x1, y1) that it does not show in, default none. */
  readonly except?: Corners;
  /** Which pixels of `to` it shows in, default all. */
  readonly shows?: (x: number, y: number) => boolean;
}

/** The layers of each row that changes; together they show in each of its pixels once. */
export type MixLayers = ReadonlyMap<number, readonly MixLayer[]>;

/** What a batch transform does to the targets of its images. */
export type Follow<P> =
  /** Pixels change places: targets follow. */
  | { readonly kind: 'layers'; readonly layers: (params: P, context: MixContext) => MixLayers }
  /**
   * Images are blended: ids and keypoints of two images at one place mean nothing and are refused.
   * With `weights`, boxes of both are kept, each with the share of its image: row, partner, share of the row.
   */
  | {
      readonly kind: 'blend';
      readonly weights?: (params: P) => readonly (readonly [number, number, number])[];
    }
  /** Rectangles of all images are covered: targets stay, or are hidden where a sample says so. */
  | { readonly kind: 'erase'; readonly boxes: (params: P) => readonly Corners[] }
  /** Colors change, places do not. */
  | { readonly kind: 'same' };

/** The size of a batch and of its images. */
export interface MixContext {
  readonly size: number;
  readonly height: number;
  readonly width: number;
}

/** Rows in pairs, in which each shows the other in some pixels. */
export function paired(
  pairs: readonly (readonly [number, number])[],
  layersOf: (row: number, partner: number) => readonly MixLayer[],
): MixLayers {
  return new Map(
    pairs.flatMap(([i, j]) => [
      [i, layersOf(i, j)],
      [j, layersOf(j, i)],
    ]),
  );
}

/** A row that shows its partner within a rectangle. */
export function withPatch(
  row: number,
  patch: Omit<MixLayer, 'shows'>,
  { width, height }: MixContext,
): readonly MixLayer[] {
  return [{ from: row, to: [0, 0, width, height], shift: [0, 0], except: patch.to }, patch];
}
