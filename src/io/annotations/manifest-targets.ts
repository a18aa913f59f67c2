/** Boxes and keypoints in the cells of a manifest: JSON, checked when it is opened and read again for each item. */
import { type BoundingBox, type BoxFormat, type Keypoint, show } from '../../core/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** A value that is JSON itself, or text that holds JSON. */
export function jsonOf(cell: unknown): unknown {
  if (typeof cell !== 'string') return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return undefined;
  }
}

/** A box whose label may be a name still. */
export type NamedBox = Omit<BoundingBox, 'label'> & { readonly label: number | string };

/**
 * The boxes of a cell: `[{ "box": [4, 5, 20, 30], "label": "cat" }]`, or `[[4, 5, 20, 30, "cat"]]`. A box that makes no
 * sense is left out, by `note`.
 *
 * @returns the boxes, or why there are none
 */
export function boxesIn(
  cell: unknown,
  format: BoxFormat,
  note: (fault: string) => void,
): NamedBox[] | string {
  const list = jsonOf(cell);
  if (!Array.isArray(list)) return `its boxes are ${show(cell)}; give a JSON list of { box, label }`;
  return list.flatMap((one): NamedBox[] => {
    const box = boxIn(one);
    const fault = typeof box === 'string' ? box : boxFault(box, format);
    if (fault === undefined) return [box as NamedBox];
    note(fault);
    return [];
  });
}

function boxIn(one: unknown): NamedBox | string {
  if (Array.isArray(one) && one.length === 5) {
    const [a, b, c, d, label] = one as [number, number, number, number, number | string];
    return { box: [a, b, c, d], label };
  }
  const isBox = typeof one === 'object' && one !== null && 'box' in one && 'label' in one;
  return isBox
    ? (one as NamedBox)
    : 'boxes are neither { box, label } nor five values and are left out; correct them';
}

function boxFault({ box, label, instance }: NamedBox, format: BoxFormat): string | undefined {
  if (!(Array.isArray(box) && box.length === 4 && box.every((n) => Number.isFinite(n))))
    return 'boxes are no four numbers and are left out; correct them';
  const number = typeof label === 'number' && Number.isInteger(label) && label >= 0;
  if (!number && (typeof label !== 'string' || label === ''))
    return 'boxes have a label that is neither a name nor a whole number ≥ 0 and are left out; correct them';
  if (instance !== undefined && !(Number.isInteger(instance) && instance >= 0))
    return 'boxes have an instance that is no whole number ≥ 0 and are left out; correct them';
  const [a, b, c, d] = box as unknown as readonly [number, number, number, number];
  const sized = format === 'coco' || format === 'yolo';
  if (sized ? c > 0 && d > 0 : c > a && d > b) return undefined;
  return 'boxes have no area, or are inverted, and are left out; correct them';
}

/** The keypoints of a cell: `[{ "x": 9.5, "y": 12, "name": "nose" }]`. */
export function pointsIn(cell: unknown, note: (fault: string) => void): Keypoint[] | string {
  const list = jsonOf(cell);
  if (!Array.isArray(list)) return `its keypoints are ${show(cell)}; give a JSON list of { x, y }`;
  return list.flatMap((one): Keypoint[] => {
    if (isPoint(one)) return [one];
    note('keypoints are no { x, y, name, instance, visible } and are left out; correct them');
    return [];
  });
}

function isPoint(one: unknown): one is Keypoint {
  if (typeof one !== 'object' || one === null) return false;
  const { x, y, name = '', instance = 0, visible = true } = one as Fields;
  return (
    [x, y].every((n) => Number.isFinite(n) && Math.abs(n as number) <= 1e9) &&
    typeof name === 'string' &&
    typeof visible === 'boolean' &&
    Number.isInteger(instance) &&
    (instance as number) >= 0
  );
}
