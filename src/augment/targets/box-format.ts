/** Bounding boxes in their usual formats, to corners in pixels and back. */
import type { BoxFormat } from '../../core/index.js';
import type { Corners } from './polygon.js';

export const BOX_FORMATS: readonly BoxFormat[] = ['voc', 'coco', 'yolo', 'normalized'];

/** From any of the usual formats to [x0, y0, x1, y1] in pixels, for an image of this size. */
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

/** From [x0, y0, x1, y1] in pixels to any of the usual formats, for an image of this size. */
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
