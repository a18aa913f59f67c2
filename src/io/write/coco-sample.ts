/** A sample as one line of a shard: its image and its objects as COCO has them, but for ids, which the index gives. */
import { type BoundingBox, type Keypoint, show, UsageError } from '../../core/index.js';
import { areaOf, type Runs, textOfRuns } from '../annotations/rle.js';
import { PngFault, pngIds } from '../decode/png-ids.js';
import { fieldFault } from './check-sample.js';
import type { OutputSample } from './output.js';

/** Of masks that are read for the outlines of objects. */
const MOST_PIXELS = 64e6;

/** A keypoint by its name: x, y as COCO counts them, and visibility. */
type NamedPoint = readonly [name: string, x: number, y: number, seen: 0 | 1 | 2];

export interface CocoObject {
  readonly category: number;
  /** All fields of the annotation but ids and keypoints. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly points?: readonly NamedPoint[];
}

/** Fields of a box that COCO has a place for, or that mean nothing in a data set. */
const PLACED = new Set(['box', 'label', 'instance', 'iscrowd']);

/** @throws UsageError by the sample's key, for what COCO has no place for */
export function cocoObjects({ key, image, boxes = [], keypoints = [], masks }: OutputSample): CocoObject[] {
  const { width, height } = image;
  const runs = masks?.instances ? outlines(key, masks.instances.png, width, height) : undefined;
  const points = pointsByInstance(key, boxes, keypoints);
  const numbered = boxes.some(({ instance }) => instance !== undefined);
  let next = boxes.reduce((most, { instance = 0 }) => Math.max(most, instance), 0);
  return boxes.map((box): CocoObject => {
    const { box: corners, label, instance, ...rest } = box as BoundingBox & { readonly iscrowd?: unknown };
    const [x0, y0, x1, y1] = corners;
    const outline = instance === undefined ? undefined : runs?.get(instance);
    const other = Object.entries(rest).filter(([name]) => !PLACED.has(name));
    const own = points.get(instance);
    return {
      category: label,
      fields: {
        bbox: [x0, y0, x1 - x0, y1 - y0],
        area: outline ? areaOf(outline) : (x1 - x0) * (y1 - y0),
        iscrowd: rest.iscrowd ? 1 : 0,
        // Numbers that the masks beside have too; a box without one gets a number of its own.
        ...(numbered && { instance: instance ?? ++next }),
        ...(outline && { segmentation: { size: [height, width], counts: textOfRuns(outline) } }),
        ...(other.length > 0 && { attributes: Object.fromEntries(other) }),
      },
      ...(own && { points: own }),
    };
  });
}

/** The runs of each instance in a mask. */
function outlines(key: string, png: Uint8Array, width: number, height: number): Map<number, Runs> {
  const wrong = (what: string) => new UsageError(`coco: ${show(key)}: its mask 'instances' ${what}`);
  try {
    const ids = pngIds(Buffer.from(png.buffer, png.byteOffset, png.byteLength), MOST_PIXELS);
    if (ids.width !== width || ids.height !== height)
      throw wrong(`has ${ids.width}×${ids.height} pixels for an image of ${width}×${height}; resize it`);
    return runsByInstance(ids.data, width, height);
  } catch (error) {
    if (error instanceof PngFault) throw wrong(`cannot be read: ${error.message}`);
    throw error;
  }
}

/** The runs of every id but 0, in one pass over the columns. */
export function runsByInstance(ids: ArrayLike<number>, width: number, height: number): Map<number, Runs> {
  /** By id: lengths of its runs, and where the last of them ended. */
  const found = new Map<number, { readonly lengths: number[]; end: number }>();
  let id = 0;
  let start = 0;
  let place = 0;
  const close = () => {
    if (id === 0) return;
    const own = found.get(id) ?? { lengths: [], end: 0 };
    found.set(id, own);
    own.lengths.push(start - own.end, place - start);
    own.end = place;
  };
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++, place++) {
      const here = ids[y * width + x] as number;
      if (here === id) continue;
      close();
      id = here;
      start = place;
    }
  }
  close();
  const all = new Map<number, Runs>();
  for (const [one, { lengths, end }] of found) {
    if (end < place) lengths.push(place - end);
    all.set(one, Uint32Array.from(lengths));
  }
  return all;
}

/** Fields of a keypoint that COCO has a place for. */
const POINT = { x: true, y: true, name: true, instance: true, visible: true, occluded: true };

/** Keypoints belong to the object of their instance; those without one to the only object there is. */
function pointsByInstance(
  key: string,
  boxes: readonly BoundingBox[],
  keypoints: readonly Keypoint[],
): Map<number | undefined, NamedPoint[]> {
  const found = new Map<number | undefined, NamedPoint[]>();
  const wrong = (what: string) => new UsageError(`coco: ${show(key)}: ${what}`);
  const fault = fieldFault(keypoints, 'keypoint', POINT, 'COCO has no place for');
  if (fault) throw wrong(fault);
  for (const point of keypoints) {
    const { x, y, visible = true, occluded } = point as Keypoint & { readonly occluded?: unknown };
    const instance = point.instance ?? (boxes.length === 1 ? boxes[0]?.instance : undefined);
    const owners = boxes.filter((box) => box.instance === instance).length;
    if (owners !== 1) {
      if (!visible) continue; // it left the image with its object
      const whose = instance === undefined ? 'without an instance' : `of instance ${instance}`;
      throw wrong(
        `its keypoint ${whose} belongs to ${owners === 0 ? 'no box' : 'several boxes'}, but COCO keeps keypoints with a box; give boxes and keypoints the same instances`,
      );
    }
    const own = found.get(instance) ?? [];
    found.set(instance, own);
    const name = point.name ?? String(own.length);
    if (own.some(([other]) => other === name))
      throw wrong(`two keypoints of one object have the name ${show(name)}; rename one`);
    // COCO counts pixels, whose centers are half a pixel further.
    own.push(visible ? [name, x - 0.5, y - 0.5, occluded ? 1 : 2] : [name, 0, 0, 0]);
  }
  return found;
}
