/** The fields that targets may have: others are refused, not ignored. */
import { expected, show } from './errors.js';
import type { ImageRef } from './image-ref.js';
import type { Boxes, Keypoints, Mask, MaskRef, Targets } from './targets.js';

/** Every field of T; the compiler reports one that is missing here. */
type Fields<T> = Readonly<Record<keyof T, true>>;
type FieldsOfAny<T> = Fields<Record<T extends unknown ? keyof T : never, unknown>>;

const TARGETS: Fields<Targets> = {
  mask: true,
  masks: true,
  boxes: true,
  keypoints: true,
  erased: true,
  refused: true,
};
const MASK: Fields<Mask> = {
  image: true,
  bits: true,
  fill: true,
  ignore: true,
  classes: true,
  instances: true,
};
const BOXES: Fields<Boxes> = {
  format: true,
  items: true,
  minVisibility: true,
  minArea: true,
  minWidth: true,
  minHeight: true,
  classes: true,
  onBadBox: true,
};
const KEYPOINTS: Fields<Keypoints> = { items: true, swap: true };
const RAW: FieldsOfAny<ImageRef | MaskRef> = {
  kind: true,
  path: true,
  offset: true,
  length: true,
  bytes: true,
  data: true,
  width: true,
  height: true,
  channels: true,
  planar: true,
  bits: true,
};
/** Of every other kind: there `bits` is a setting of the mask. */
const { planar: _, bits: __, ...REF } = RAW;

/** Why targets cannot be taken as they are: of another shape, or with a field that means nothing. */
export function targetsFault(targets: unknown): string | undefined {
  if (targets === undefined) return undefined;
  if (!isObject(targets))
    return expected('targets', '{ mask, masks, boxes, keypoints, erased }', targets, 'fix the data set');
  const { mask, masks, boxes, keypoints, erased, refused } = targets as Targets;
  return (
    unknownField(targets, TARGETS, 'targets') ??
    (masks !== undefined && !isObject(masks)
      ? expected('masks', 'masks by name, { name: mask }', masks, 'fix the data set')
      : undefined) ??
    faultOfMasks({ mask, ...masks }) ??
    (isObject(boxes) ? unknownField(boxes, BOXES, 'boxes') : undefined) ??
    (isObject(keypoints) ? unknownField(keypoints, KEYPOINTS, 'keypoints') : undefined) ??
    (erased !== undefined && erased !== 'keep' && erased !== 'hide'
      ? expected('targets: erased', "'keep' or 'hide'", erased)
      : undefined) ??
    (refused !== undefined && !(Array.isArray(refused) && refused.every((one) => typeof one === 'string'))
      ? expected('targets: refused', 'a list of sentences', refused)
      : undefined)
  );
}

function faultOfMasks(masks: Readonly<Record<string, unknown>>): string | undefined {
  for (const name in masks) {
    const given = masks[name];
    if (!isObject(given)) continue;
    const where = `mask '${name}'`;
    const set = 'image' in given;
    const image = set ? given.image : given;
    const odd = ArrayBuffer.isView(image)
      ? expected(where, "{ kind: 'ids', data, width, height }", image)
      : set
        ? unknownField(given, MASK, where)
        : undefined;
    if (odd) return odd;
    const fault = isObject(image)
      ? unknownField(image, (image as { kind?: unknown }).kind === 'raw' ? RAW : REF, `${where}: image`)
      : undefined;
    if (fault) return `${fault}; settings belong next to the image, { image, bits }`;
  }
  return undefined;
}

/** A sentence for the first field of an object that is none of the known ones. */
export function unknownField(
  value: object,
  known: readonly string[] | Readonly<Record<string, true>>,
  where: string,
): string | undefined {
  const names = Array.isArray(known) ? (known as readonly string[]) : Object.keys(known);
  for (const key in value) {
    if (!names.includes(key)) return `${where}: unknown field ${show(key)}; known are ${names.join(', ')}`;
  }
  return undefined;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
