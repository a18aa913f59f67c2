/** The part of a JPEG that is decoded: where what is seen of the upright image lies in the stored one, with a margin. */
import type { Shrunk, View, Window } from '../../core/view.js';
import { swapsSides } from './orient.js';

/** Given the size of the upright image, what is seen of it; undefined for all, as it is. */
export type Look = (width: number, height: number) => View | undefined;

/** A rectangle of the stored image. */
export interface StoredPart {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Share of the pixels from which on the whole image is decoded: rows above a part are read all the same. */
const NEARLY_ALL = 0.9;

/**
 * The rectangle to decode for a window of the stored image: with a margin of one iMCU on each side, for chroma is
 * interpolated from its neighbors, and beginning at an iMCU, as the library demands. Undefined for nearly all of it.
 */
export function partFor(
  window: Window,
  width: number,
  height: number,
  unitWidth: number,
  unitHeight: number,
): StoredPart | undefined {
  const x = Math.max(0, Math.floor(window[0] / unitWidth) - 1) * unitWidth;
  const y = Math.max(0, Math.floor(window[1] / unitHeight) - 1) * unitHeight;
  const w = Math.min(width, (Math.ceil(window[2] / unitWidth) + 1) * unitWidth) - x;
  const h = Math.min(height, (Math.ceil(window[3] / unitHeight) + 1) * unitHeight) - y;
  return w * h > NEARLY_ALL * width * height ? undefined : { x, y, w, h };
}

/** A window of the upright image as one of the stored image, whose size is given. */
export function storedWindow(window: Window, width: number, height: number, orientation: number): Window {
  if (orientation === 1) return window;
  const [x0, y0, x1, y1] = window;
  const [left, right, top, bottom] = swapsSides(orientation) ? [y0, y1, x0, x1] : [x0, x1, y0, y1];
  const [a, b] = mirrors(orientation, 'x') ? [width - right, width - left] : [left, right];
  const [c, d] = mirrors(orientation, 'y') ? [height - bottom, height - top] : [top, bottom];
  return [a, c, b, d];
}

/** True where the stored axis runs against the upright axis that it becomes. */
export function mirrors(orientation: number, axis: 'x' | 'y'): boolean {
  return (axis === 'x' ? [2, 3, 7, 8] : [3, 4, 6, 7]).includes(orientation);
}

/** A view of an upright image of this size, at a fraction of it, in the pixels that are decoded. */
export function shrunkView(
  { window, shrink }: View,
  fullWidth: number,
  fullHeight: number,
  orientation: number,
): { window: Window; shrunk: Shrunk } {
  const [width, height] = [Math.ceil(fullWidth / shrink), Math.ceil(fullHeight / shrink)];
  const x = [2, 3, 6, 7].includes(orientation) ? width - fullWidth / shrink : 0;
  const y = [3, 4, 7, 8].includes(orientation) ? height - fullHeight / shrink : 0;
  const [x0, y0, x1, y1] = window;
  return {
    // A pixel more on each side: coordinates are rounded anew.
    window: [
      Math.max(0, Math.floor(x0 / shrink + x) - 1),
      Math.max(0, Math.floor(y0 / shrink + y) - 1),
      Math.min(width, Math.ceil(x1 / shrink + x) + 1),
      Math.min(height, Math.ceil(y1 / shrink + y) + 1),
    ],
    shrunk: { width, height, shrink, offset: [x, y] },
  };
}
