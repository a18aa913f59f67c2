/** One `<object>` of a Pascal VOC file. */
import { show } from '../../core/index.js';
import { BOX, DIFFICULT, type Four, OCCLUDED, TRUNCATED } from './object-table.js';
import { childOf, textOf, type Xml } from './xml.js';

export interface VocObject {
  readonly name: string;
  readonly box: Four;
  readonly flags: number;
  readonly parts: number;
  /** Its box begins at pixel 0, which is none where the first pixel is 1. */
  readonly fromZero: boolean;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const FLAGS = [
  ['difficult', DIFFICULT],
  ['truncated', TRUNCATED],
  ['occluded', OCCLUDED],
] as const;

/**
 * Corners in VOC are numbers of pixels, the last one included: pixels 1 to 10 are [0, 10] here. `oneBased: false` takes
 * corners as they are.
 *
 * @returns the object, or its fault, which speaks of all objects that have it
 */
export function vocObject(object: Xml, oneBased: boolean): VocObject | string {
  const name = textOf(object, 'name');
  if (name === undefined || name === '') return 'objects have no name and are left out; correct them';
  const bounds = childOf(object, 'bndbox');
  if (!bounds) return 'objects have no bndbox and are left out; only boxes are read';
  const numbers: number[] = [];
  for (const side of ['xmin', 'ymin', 'xmax', 'ymax']) {
    const text = textOf(bounds, side) ?? '';
    if (!NUMBER.test(text)) return `objects have a ${side} that is no number and are left out; correct them`;
    numbers.push(Number(text));
  }
  let flags = BOX;
  for (const [field, flag] of FLAGS) {
    const value = textOf(object, field);
    if (value === '1' || value === 'true') flags |= flag;
    else if (value !== undefined && !['0', 'false', '', 'Unspecified'].includes(value))
      return `objects have a ${field} of ${show(value)} and are left out; give 0 or 1`;
  }
  const [x0, y0, x1, y1] = numbers as [number, number, number, number];
  const box: Four = oneBased ? [x0 - 1, y0 - 1, x1, y1] : [x0, y0, x1, y1];
  const parts = object.children.filter((child) => child.name === 'part').length;
  return { name, box, flags, parts, fromZero: oneBased && (x0 === 0 || y0 === 0) };
}
