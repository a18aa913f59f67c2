/** Which boxes are kept, by what is left of them: one set of rules for moves, erasing and mixing. */
import type { BoxRules } from '../../core/index.js';
import type { Corners } from './polygon.js';

/** Boxes thinner than a thousandth of a pixel are left over from rounding, and no format can hold them. */
export const SLIVER = 1e-3;

/** Rounding of shares, areas and lengths: a box that is whole must pass `minVisibility: 1`. */
export const ROUNDING = 1e-6;

/** True when a box of these corners, of which this share is visible, is to stay. */
export function keepsBox(
  { minVisibility = 0, minArea = 0, minWidth = 0, minHeight = 0 }: BoxRules,
  [x0, y0, x1, y1]: Corners,
  share: number,
): boolean {
  const [width, height] = [x1 - x0, y1 - y0];
  return (
    width >= SLIVER &&
    height >= SLIVER &&
    share > 0 &&
    share >= minVisibility - ROUNDING &&
    width * height >= minArea - ROUNDING &&
    width >= minWidth - ROUNDING &&
    height >= minHeight - ROUNDING
  );
}
