/**
 * Bounding boxes follow the pixels: their outline is moved, the box around it is taken, clipped to the image
 * and dropped when too little of it is left.
 */
import { BadSampleError, type BoundingBox, type Boxes, type BoxFormat, expected } from '../../core/index.js';
import type { Move } from '../plan/plan.js';
import { finalSize, movePoint, type Point } from './points.js';

/** Points on each side of a box that is moved by a warp; corners suffice for straight moves. */
const ALONG = 8;

const FORMATS: readonly BoxFormat[] = ['voc', 'coco', 'yolo', 'normalized'];

/** [x0, y0, x1, y1] in pixels. */
type Corners = readonly [number, number, number, number];

/** From any of the usual formats, for an image of this size. */
export function toCorners(format: BoxFormat, values: Corners, width: number, height: number): Corners {
  const [a, b, c, d] = values;
  switch (format) {
    case 'voc':
      return values;
    case 'coco':
      return [a, b, a + c, b + d];
    case 'yolo':
      return [(a - c / 2) * width, (b - d / 2) * height, (a + c / 2) * width, (b + d / 2) * height];
    case 'normalized':
      return [a * width, b * height, c * width, d * height];
  }
}

/** Back to the format they came in. */
export function fromCorners(format: BoxFormat, values: Corners, width: number, height: number): Corners {
  const [x0, y0, x1, y1] = values;
  switch (format) {
    case 'voc':
      return values;
    case 'coco':
      return [x0, y0, x1 - x0, y1 - y0];
    case 'yolo':
      return [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height];
    case 'normalized':
      return [x0 / width, y0 / height, x1 / width, y1 / height];
  }
}

/** The boxes of a sample after the moves of its plan, in the format they came in. */
export function moveBoxes(
  boxes: Boxes,
  moves: readonly Move[],
  width: number,
  height: number,
): BoundingBox[] {
  const { format, minVisibility = 0, minArea = 0 } = boxes;
  if (!FORMATS.includes(format) || !Array.isArray(boxes.items)) {
    const form = "{ format: 'voc' | 'coco' | 'yolo' | 'normalized', items: [{ box, label }] }";
    throw new BadSampleError(expected('boxes', form, boxes, 'mend the data set'));
  }
  const [W, H] = finalSize(moves, width, height);
  const steps = moves.some(({ to }) => 'kind' in to) ? ALONG : 1;
  return boxes.items.flatMap((item, i) => {
    if (item?.box?.length !== 4) {
      const form = '{ box, label } with a box of four numbers';
      throw new BadSampleError(expected(`box ${i}`, form, item, 'mend the data set'));
    }
    const corners = checked(toCorners(format, item.box, width, height), item.box, i, width, height);
    const [x0, y0, x1, y1] = hull(outline(corners, steps).map((point) => movePoint(moves, point)));
    const clipped: Corners = [Math.max(0, x0), Math.max(0, y0), Math.min(W, x1), Math.min(H, y1)];
    const left = area(clipped);
    if (left <= 0 || left < minArea || left < minVisibility * area([x0, y0, x1, y1])) return [];
    return [{ ...item, box: fromCorners(format, clipped, W, H) }];
  });
}

/** How far a box may stick out of its image by rounding, in pixels. */
const SLACK = 1;

function checked(corners: Corners, given: Corners, i: number, width: number, height: number): Corners {
  const [x0, y0, x1, y1] = corners;
  const complain = (what: string) =>
    new BadSampleError(
      `box ${i}: ${what} but received [${given.join(', ')}] for an image of ${width}×${height}; mend the box or its format`,
    );
  if (!corners.every(Number.isFinite)) throw complain('expected four numbers');
  if (x1 <= x0 || y1 <= y0) throw complain('expected its right and lower edge behind its left and upper one');
  if (x0 < -SLACK || y0 < -SLACK || x1 > width + SLACK || y1 > height + SLACK) {
    throw complain('expected it inside the image');
  }
  return [Math.max(0, x0), Math.max(0, y0), Math.min(width, x1), Math.min(height, y1)];
}

function outline([x0, y0, x1, y1]: Corners, steps: number): Point[] {
  const corners: Point[] = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
  return corners.flatMap(([x, y], i) => {
    const [u, v] = corners[(i + 1) % 4] as Point;
    return Array.from(
      { length: steps },
      (_, k): Point => [x + ((u - x) * k) / steps, y + ((v - y) * k) / steps],
    );
  });
}

function hull(points: readonly Point[]): Corners {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

const area = ([x0, y0, x1, y1]: Corners): number => Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
