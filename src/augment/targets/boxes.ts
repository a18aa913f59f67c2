/**
 * Bounding boxes follow the pixels. Every move clips the outline of a box to what it sees and keeps: a part that left the
 * image never comes back. The moved box is the smallest upright one around the rest; its visible share is the share
 * of its area that no move clipped.
 */
import { BadSampleError, type BoundingBox, type Boxes, expected } from '../../core/index.js';
import type { Move } from '../plan/plan.js';
import { BOX_FORMATS, fromCorners, toCorners } from './box-format.js';
import { keepsBox, ROUNDING, SLIVER } from './box-rules.js';
import { finalSize, followOutline } from './points.js';
import { type Corners, hullOf, type Point, rectangle } from './polygon.js';

/** The share of an outline, in the final image, that nothing covers. */
export type Uncovered = (outline: readonly Point[]) => number;

export interface MoveBoxesOptions {
  /** Called with a sentence for every box that makes no sense and was left out. */
  readonly refuse?: (reason: string) => void;
  /** Where erased pixels hide boxes. */
  readonly uncovered?: Uncovered;
}

/**
 * The boxes of a sample after the moves of its plan, in the format they came in.
 *
 * @throws BadSampleError for boxes of no known format, and with `onBadBox: 'fail'` for a box that makes no sense.
 */
export function moveBoxes(
  boxes: Boxes,
  moves: readonly Move[],
  width: number,
  height: number,
  { refuse, uncovered }: MoveBoxesOptions = {},
): BoundingBox[] {
  checkForm(boxes);
  const { format, onBadBox = 'drop' } = boxes;
  const [W, H] = finalSize(moves, width, height);
  return boxes.items.flatMap((item, i) => {
    const corners = cornersOf(item, i, boxes, width, height);
    if (typeof corners === 'string') {
      if (onBadBox === 'fail') throw new BadSampleError(`${corners}; fix the box or its format`);
      refuse?.(`${corners}; the box is left out`);
      return [];
    }
    const { outline, share } = followOutline(rectangle(corners), moves);
    if (outline.length === 0) return [];
    const box = hullOf(outline);
    const visible = (item.visible ?? 1) * share * (uncovered ? uncovered(outline) : 1);
    return keepsBox(boxes, box, visible) ? [seen(item, fromCorners(format, box, W, H), visible)] : [];
  });
}

/** A box where it is now, of which this share is visible. */
export function seen(item: BoundingBox, box: Corners, visible: number): BoundingBox {
  return visible < 1 - ROUNDING ? { ...item, box, visible } : { ...item, box };
}

/** The same as [x0, y0, x1, y1] in pixels of the moved image. */
export function cornersAfter(
  boxes: Boxes,
  moves: readonly Move[],
  width: number,
  height: number,
): readonly Corners[] {
  const [W, H] = finalSize(moves, width, height);
  return moveBoxes(boxes, moves, width, height).map(({ box }) => toCorners(boxes.format, box, W, H));
}

function checkForm({ format, items, onBadBox = 'drop', classes = 1, ...boxes }: Boxes): void {
  if (!BOX_FORMATS.includes(format) || !Array.isArray(items)) {
    const form = "{ format: 'voc' | 'coco' | 'yolo' | 'normalized', items: [{ box, label }] }";
    throw new BadSampleError(expected('boxes', form, { format, items }, 'fix the data set'));
  }
  if (onBadBox !== 'drop' && onBadBox !== 'fail')
    throw new BadSampleError(expected('boxes: onBadBox', "'drop' or 'fail'", onBadBox));
  if (!(Number.isInteger(classes) && classes >= 1))
    throw new BadSampleError(expected('boxes: classes', 'a whole number ≥ 1', classes));
  for (const rule of ['minVisibility', 'minArea', 'minWidth', 'minHeight'] as const) {
    const value = boxes[rule] ?? 0;
    if (typeof value !== 'number' || !(value >= 0) || (rule === 'minVisibility' && value > 1)) {
      const range = rule === 'minVisibility' ? 'a share in 0..1' : 'a number ≥ 0';
      throw new BadSampleError(expected(`boxes: ${rule}`, range, value));
    }
  }
}

/** How far a box may stick out of its image by rounding, in pixels. */
const SLACK = 1;

/** The corners of a box within the image, or what is wrong with it. */
function cornersOf(
  item: BoundingBox,
  i: number,
  { format, classes = Infinity }: Boxes,
  width: number,
  height: number,
): Corners | string {
  const { box, label } = item ?? {};
  if (!(Array.isArray(box) || ArrayBuffer.isView(box)) || box.length !== 4)
    return expected(`box ${i}`, '{ box, label } with a box of four numbers', item);
  const [x0, y0, x1, y1] = toCorners(format, box, width, height);
  const wrong = (what: string) =>
    `box ${i}: expected ${what} but received [${box.join(', ')}] (${format}) for an image of ${width}×${height}`;
  if (![x0, y0, x1, y1].every(Number.isFinite)) return wrong('four finite numbers');
  if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
    const range = classes === Infinity ? 'a whole number ≥ 0' : `a whole number in 0..${classes - 1}`;
    return expected(`box ${i}`, `${range} as label`, label);
  }
  const odd = oddField(item);
  if (odd) return expected(`box ${i}`, odd, item);
  if (x1 <= x0 || y1 <= y0) return wrong('its right and lower edge beyond its left and upper one');
  if (x0 < -SLACK || y0 < -SLACK || x1 > width + SLACK || y1 > height + SLACK) {
    return wrong('it inside the image');
  }
  const clipped: Corners = [Math.max(0, x0), Math.max(0, y0), Math.min(width, x1), Math.min(height, y1)];
  if (clipped[0] >= clipped[2] || clipped[1] >= clipped[3]) return wrong('it inside the image');
  // What an earlier stage kept passes, however its format rounds it.
  const least = SLIVER - ROUNDING;
  return clipped[2] - clipped[0] >= least && clipped[3] - clipped[1] >= least
    ? clipped
    : wrong('it to be a thousandth of a pixel wide and high, at the least,');
}

/** What an optional field should be, if it is something else. */
function oddField({ visible = 1, weight = 1, instance = 0 }: BoundingBox): string | undefined {
  // By its kind too: true and '1' would be counted as 1.
  if (typeof visible !== 'number' || !(visible > 0 && visible <= 1 + ROUNDING))
    return 'visible to be a share in (0, 1]';
  if (typeof weight !== 'number' || !(weight >= 0 && weight < Infinity)) return 'weight to be a number ≥ 0';
  if (!(Number.isInteger(instance) && instance >= 0)) return 'instance to be a whole number ≥ 0';
  return undefined;
}
