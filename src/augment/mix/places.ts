/** Where the values of an image lie, in either layout: `span` values side by side for each pixel, in `planes` planes. */
import type { BatchPixels } from '../transform/op.js';

export interface Places {
  readonly planes: number;
  /** Values of one pixel that lie side by side. */
  readonly span: number;
  /** Values of one image. */
  readonly stride: number;
  /** Index of the first value of a pixel in a plane, within its image. */
  at(plane: number, x: number, y: number): number;
}

export function placesOf({
  width,
  height,
  layout,
}: Pick<BatchPixels, 'width' | 'height' | 'layout'>): Places {
  const [planes, span] = layout === 'HWC' ? [1, 3] : [3, 1];
  return {
    planes,
    span,
    stride: 3 * width * height,
    at: (plane, x, y) => ((plane * height + y) * width + x) * span,
  };
}
