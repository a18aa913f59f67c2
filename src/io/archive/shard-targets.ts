/**
 * Targets in a shard: masks as `a.mask.png`, `a.seg.png` or `a.NAME.png`, and in `a.json`
 * boxes and keypoints:
 *
 * `{ "label": 3, "boxes": [{ "box": [4, 5, 20, 30], "label": 1 }], "boxFormat": "coco",
 *    "keypoints": [{ "x": 9.5, "y": 12, "name": "nose" }] }`
 */
import {
  type BoundingBox,
  type BoxFormat,
  type Keypoint,
  type Mask,
  type Targets,
  UsageError,
} from '../../core/index.js';
import { boxFormat, maskNames, type TargetOptions, withSettings } from '../target-options.js';

/** What is kept of a sample's targets until it is asked for. */
export interface ShardTargets {
  /** Masks in the archive: offset and length by name. */
  readonly masks?: Readonly<Record<string, readonly [offset: number, length: number]>>;
  readonly boxes?: readonly BoundingBox[];
  readonly boxFormat?: BoxFormat;
  readonly keypoints?: readonly Keypoint[];
  /** It has boxes in an unknown format: they are left out, and counted. */
  readonly formless?: true;
}

/** The endings of entries that are masks, and the names of those masks. */
export function maskEndings(options: TargetOptions | undefined): Map<string, string> {
  const endings = new Map([['seg.png', 'mask']]);
  const names = maskNames(options);
  for (const name of names) {
    const ending = `${name.toLowerCase()}.png`;
    const other = names.find((one) => one !== name && one.toLowerCase() === name.toLowerCase());
    if (other !== undefined) {
      throw new UsageError(
        `webdataset: targets: masks: expected names that differ in more than case but received '${other}' and '${name}', both a.${ending}; rename one`,
      );
    }
    endings.set(ending, name); // a mask of the name seg is none of the name mask
  }
  return endings;
}

const FORMATS: readonly string[] = boxFormat.options;

/**
 * The boxes and keypoints that the fields of a JSON entry hold, or the reason why they cannot be used. Boxes count
 * if their format is known, from `boxFormat` in the same file or from the source's options; so do keypoints that are
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
  const found: {
    boxes?: readonly BoundingBox[];
    boxFormat?: BoxFormat;
    keypoints?: readonly Keypoint[];
    formless?: true;
  } = {};
  if (boxes !== undefined && format === undefined) {
    if (isListOf(boxes, 'box')) found.formless = true;
  } else if (boxes !== undefined) {
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
  if (refs.length === 0 && !(boxes && format) && !keypoints) return undefined;
  return withSettings(
    {
      ...(refs.length > 0 && { masks: Object.fromEntries(refs) }),
      ...(boxes && format && { boxes: { items: boxes, format } }),
      ...(keypoints && { keypoints: { items: keypoints } }),
    },
    options ?? {},
  );
}

/** What the samples of a source lack of the targets that its options speak of, or have without a format: a line each. */
export function missingTargets(
  all: Iterable<ReadonlyMap<number, ShardTargets>>,
  count: number,
  options: TargetOptions | undefined,
): string[] {
  const masks = new Map(maskNames(options).map((name) => [name, 0]));
  let [boxes, keypoints, formless] = [0, 0, 0];
  for (const targets of all) {
    for (const own of targets.values()) {
      for (const name in own.masks) masks.set(name, (masks.get(name) ?? 0) + 1);
      if (own.boxes) boxes++;
      if (own.keypoints) keypoints++;
      if (own.formless) formless++;
    }
  }
  const lines = [...masks].flatMap(([name, have]) => {
    const spokenOf = have > 0 || options?.masks?.[name] || (name === 'mask' && options?.mask);
    if (!spokenOf || have === count) return [];
    const files = name === 'mask' ? 'a.mask.png or a.seg.png' : `a.${name.toLowerCase()}.png`;
    return `${count - have} of ${count} samples have no mask '${name}', whose rows hold its ignore; add ${files}`;
  });
  const lacks = (what: string, have: number, asked: unknown) => {
    if (asked && have < count)
      lines.push(`${count - have} of ${count} samples have no ${what}; add ${what} to their a.json`);
  };
  lacks('boxes', boxes, options?.boxes);
  lacks('keypoints', keypoints, options?.keypoints);
  if (formless > 0) {
    lines.push(
      `the boxes of ${formless} samples are left out because their format is unknown; give targets: { boxes: { format } }, or boxFormat in the .json files`,
    );
  }
  return lines;
}
