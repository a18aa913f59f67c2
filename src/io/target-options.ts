/** Settings that a source gives for the targets of all its samples. */
import { z } from 'zod';
import {
  type Boxes,
  type BoxFormat,
  type Keypoints,
  type Mask,
  type MaskRef,
  show,
  type Targets,
} from '../core/index.js';

const id = z.int().min(0).max(65_535);

/** How the four numbers of a box are meant. */
export const boxFormat = z.enum(['voc', 'coco', 'yolo', 'normalized']);

const maskSettings = z.strictObject({
  bits: z.union([z.literal(8), z.literal(16)]).optional(),
  fill: id.optional(),
  ignore: id.optional(),
  classes: z.int().min(1).optional(),
  instances: z.boolean().optional(),
});

/** Settings that hold for the targets of every sample of a source; a sample's own take precedence. See `Targets`. */
export const targetOptions = z.strictObject({
  boxes: z
    .strictObject({
      format: boxFormat.optional(),
      minVisibility: z.number().min(0).max(1).optional(),
      minArea: z.number().min(0).optional(),
      minWidth: z.number().min(0).optional(),
      minHeight: z.number().min(0).optional(),
      classes: z.int().min(1).optional(),
      onBadBox: z.enum(['drop', 'fail']).optional(),
    })
    .optional(),
  /** Of the mask named `mask`. */
  mask: maskSettings.optional(),
  /** By name. */
  masks: z.record(z.string().min(1), maskSettings).optional(),
  keypoints: z
    .strictObject({
      swap: z
        .array(z.union([z.tuple([z.int().min(0), z.int().min(0)]), z.tuple([z.string(), z.string()])]))
        .optional(),
    })
    .optional(),
  erased: z.enum(['keep', 'hide']).optional(),
});

/**
 * Settings that hold for the targets of every sample of a source: the format of boxes and which boxes to keep, bits, fill
 * and ignore values of masks, pairs of keypoints to swap in a mirror. A sample's own settings take precedence.
 */
export type TargetOptions = z.infer<typeof targetOptions>;

/** Option of readers: where the masks are, one or several by name. */
export const masksOption = z.union([z.string(), z.record(z.string().min(1), z.string())]).optional();

/** Their places by name; one without a name is `mask`. */
export const masksByName = (masks: z.output<typeof masksOption>) =>
  typeof masks === 'string' ? { mask: masks } : masks;

/** Names of the masks that a source is asked to look for, `mask` among them. */
export const maskNames = ({ masks = {} }: TargetOptions = {}): string[] => [
  ...new Set(['mask', ...Object.keys(masks)]),
];

/** The targets of a sample with the source's settings where it has none of its own. */
export function withSettings(targets: Targets | undefined, options: TargetOptions | undefined) {
  if (!targets || !options) return targets;
  const { boxes, keypoints, mask, masks } = targets;
  // What is no object is refused where it is read, by the sample's name.
  const named = (name: string, given: MaskRef | Mask): MaskRef | Mask =>
    isObject(given)
      ? {
          ...(name === 'mask' ? options.mask : undefined),
          ...options.masks?.[name],
          ...('image' in given ? (defined(given) as Mask) : { image: given }),
        }
      : given;
  return {
    ...(options.erased && { erased: options.erased }),
    ...defined(targets),
    ...(mask && { mask: named('mask', mask) }),
    ...(isObject(masks) && {
      masks: Object.fromEntries(Object.entries(masks).map(([name, given]) => [name, named(name, given)])),
    }),
    ...(isObject(boxes) && { boxes: { ...options.boxes, ...defined(boxes) } as Boxes }),
    ...(isObject(keypoints) && { keypoints: { ...options.keypoints, ...defined(keypoints) } as Keypoints }),
  } satisfies Targets;
}

/** A sentence for the first setting that is of no target which a source can give: it would change nothing. */
export function unusedSetting(
  owner: string,
  options: TargetOptions | undefined,
  has: { readonly masks: readonly string[]; readonly boxes?: boolean; readonly keypoints?: boolean },
): string | undefined {
  if (!options) return undefined;
  const { boxes, keypoints, mask, masks = {}, erased } = options;
  const odd =
    (boxes && !has.boxes && 'boxes') ||
    (keypoints && !has.keypoints && 'keypoints') ||
    (mask && !has.masks.includes('mask') && 'mask') ||
    Object.keys(masks).find((name) => !has.masks.includes(name)) ||
    (erased && !has.boxes && !has.keypoints && has.masks.length === 0 && 'erased');
  if (!odd) return undefined;
  const given = [...has.masks, has.boxes && 'boxes', has.keypoints && 'keypoints'].filter(Boolean);
  return `${owner}: targets: ${show(odd)} is a setting of targets that the data do not have; they have ${given.join(', ') || 'none'}; add those targets, or remove the setting`;
}

/** A sentence where the source is asked to read boxes as of another format than the data say that they are. */
export function otherFormat(
  owner: string,
  options: TargetOptions | undefined,
  format: BoxFormat | undefined,
): string | undefined {
  const asked = options?.boxes?.format;
  if (asked === undefined || format === undefined || asked === format) return undefined;
  return `${owner}: targets: boxes: expected the format '${format}', which the data have, but received '${asked}'; leave it out`;
}

/** Without fields that are undefined. */
const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

/** False for lists too: spread, they would be objects of another shape. */
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
