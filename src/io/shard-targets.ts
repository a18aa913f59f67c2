/**
 * What a shard holds beside image and label: masks as `a.mask.png`, `a.seg.png` or `a.NAME.png`, and in `a.json`
 * boxes and keypoints:
 *
 * `{ "label": 3, "boxes": [{ "box": [4, 5, 20, 30], "label": 1 }], "boxFormat": "coco",
 *    "keypoints": [{ "x": 9.5, "y": 12, "name": "nose" }] }`
 */
import type { BoundingBox, BoxFormat, Keypoint, Mask, Targets } from '../core/index.js';
import { maskNames, type TargetOptions, withSettings } from './target-options.js';

/** What is kept of a sample's targets until it is asked for. */
export interface ShardTargets {
  /** Where masks lie in the archive: offset and length by name. */
  readonly masks?: Readonly<Record<string, readonly [offset: number, length: number]>>;
  readonly boxes?: readonly BoundingBox[];
  readonly boxFormat?: BoxFormat;
  readonly keypoints?: readonly Keypoint[];
}

/** The endings of entries that are masks, and the names of those masks. */
export function maskEndings(options: TargetOptions | undefined): Map<string, string> {
  const endings = new Map(maskNames(options).map((name) => [`${name.toLowerCase()}.png`, name]));
  endings.set('seg.png', 'mask');
  return endings;
}

const FORMATS = ['voc', 'coco', 'yolo', 'normalized'];

/**
 * The boxes and keypoints that the fields of a JSON entry hold, or the reason why they cannot be used. Boxes count
 * where their format is known, from `boxFormat` beside them or from the source's options; so do keypoints that are
 * a list of points.
 */
export function targetsIn(
  fields: Readonly<Record<string, unknown>>,
  options: TargetOptions | undefined,
): ShardTargets | { readonly reason: string } {
  const { boxes, keypoints, boxFormat } = fields;
  if (boxFormat !== undefined && !FORMATS.includes(boxFormat as string)) {
    return { reason: `its boxFormat is none of ${FORMATS.join(', ')}; fix it` };
  }
  const format = boxFormat ?? options?.boxes?.format;
  const found: { boxes?: readonly BoundingBox[]; boxFormat?: BoxFormat; keypoints?: readonly Keypoint[] } =
    {};
  if (boxes !== undefined && format !== undefined) {
    if (!isListOf(boxes, 'box')) return { reason: 'its boxes are no list of { box, label }; fix them' };
    found.boxes = boxes as BoundingBox[];
    if (boxFormat !== undefined) found.boxFormat = boxFormat as BoxFormat;
  }
  if (keypoints !== undefined && (options?.keypoints !== undefined || isListOf(keypoints, 'x'))) {
    if (!isListOf(keypoints, 'x')) return { reason: 'its keypoints are no list of { x, y }; fix them' };
    found.keypoints = keypoints as Keypoint[];
  }
  return found;
}

const isListOf = (value: unknown, field: string): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null && field in one);

/** The targets of a sample as the stream takes them. */
export function shardTargets(
  { masks, boxes, boxFormat, keypoints }: ShardTargets,
  path: string,
  options: TargetOptions | undefined,
): Targets | undefined {
  const refs = Object.entries(masks ?? {}).map(([name, [offset, length]]): [string, Mask] => [
    name,
    { image: { kind: 'range', path, offset, length } },
  ]);
  const format = boxFormat ?? options?.boxes?.format;
  return withSettings(
    {
      ...(refs.length > 0 && { masks: Object.fromEntries(refs) }),
      ...(boxes && format && { boxes: { items: boxes, format } }),
      ...(keypoints && { keypoints: { items: keypoints } }),
    },
    options ?? {},
  );
}
