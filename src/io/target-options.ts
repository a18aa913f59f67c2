/** What a source says once about the targets of all its samples, and targets checked as they are taken. */
import { z } from 'zod';
import {
  type Boxes,
  expected,
  type Keypoints,
  type Mask,
  type MaskRef,
  type Targets,
} from '../core/index.js';

const id = z.int().min(0).max(65_535);

const maskSettings = z.strictObject({
  bits: z.union([z.literal(8), z.literal(16)]).optional(),
  fill: id.optional(),
  ignore: id.optional(),
  classes: z.int().min(1).optional(),
});

/** Settings that hold for the targets of every sample of a source; a sample's own go first. See `Targets`. */
export const targetOptions = z.strictObject({
  boxes: z
    .strictObject({
      format: z.enum(['voc', 'coco', 'yolo', 'normalized']).optional(),
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

export type TargetOptions = z.infer<typeof targetOptions>;

/** Names of the masks that a source is asked to look for, `mask` among them. */
export const maskNames = ({ masks = {} }: TargetOptions = {}): string[] => [
  ...new Set(['mask', ...Object.keys(masks)]),
];

/** The targets of a sample with the source's settings where it has none of its own. */
export function withSettings(targets: Targets | undefined, options: TargetOptions | undefined) {
  if (!targets || !options) return targets;
  const { boxes, keypoints, mask, masks } = targets;
  const named = (name: string, given: MaskRef | Mask): Mask => ({
    ...(name === 'mask' ? options.mask : undefined),
    ...options.masks?.[name],
    ...('image' in given ? given : { image: given }),
  });
  return {
    ...(options.erased && { erased: options.erased }),
    ...targets,
    ...(mask && { mask: named('mask', mask) }),
    ...(masks && {
      masks: Object.fromEntries(Object.entries(masks).map(([name, given]) => [name, named(name, given)])),
    }),
    ...(boxes && { boxes: { ...options.boxes, ...boxes } as Boxes }),
    ...(keypoints && { keypoints: { ...options.keypoints, ...keypoints } as Keypoints }),
  } satisfies Targets;
}

const TARGETS = ['mask', 'masks', 'boxes', 'keypoints', 'erased', 'refused'];

/** Why targets cannot be taken as they are: fields that mean nothing would be lost without a word. */
export function targetsFault(targets: unknown): string | undefined {
  if (targets === undefined) return undefined;
  if (typeof targets !== 'object' || targets === null || Array.isArray(targets))
    return expected('targets', '{ mask, masks, boxes, keypoints, erased }', targets, 'fix the item');
  return unknownField(targets, TARGETS, 'targets');
}

/** A sentence for the first field of an object that is none of the known ones. */
export function unknownField(value: object, known: readonly string[], where: string): string | undefined {
  const odd = Object.keys(value).find((key) => !known.includes(key));
  if (odd === undefined) return undefined;
  return `${where}: unknown field '${odd.slice(0, 60)}'; known are ${known.join(', ')}`;
}
