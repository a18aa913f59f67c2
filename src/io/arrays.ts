import { z } from 'zod';
import {
  type BoundingBox,
  type Item,
  type Keypoint,
  type Label,
  type Mask,
  RxaugError,
  type Targets,
  UsageError,
  unknownField,
} from '../core/index.js';
import { checkClasses, LabelCheck, refused } from './classes.js';
import type { OpenedDataset } from './problems.js';
import { type TargetOptions, targetOptions, unusedSetting, withSettings } from './target-options.js';

/** Images in memory with their labels, for `arrays` and `openArrays`. */
export interface Arrays {
  /** uint8 [N, H, W, C], values 0..255. On a SharedArrayBuffer it is used without a copy; else it is copied to one, once. */
  readonly images: Uint8Array;
  /** [N] class numbers, or N distributions over the classes. */
  readonly labels: ArrayLike<number> | readonly Float32Array[];
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 RGB, 4 RGB with alpha. */
  readonly channels?: 1 | 3 | 4;
  readonly classes: readonly string[];
  readonly name?: string;
  /** Ids by pixel, [N, H, W] each: one mask, named `mask`, or several by name. */
  readonly masks?: Ids | Readonly<Record<string, Ids>>;
  /** The boxes of each image; `targets.boxes.format` defines their numbers. */
  readonly boxes?: readonly (readonly BoundingBox[])[];
  /** The keypoints of each image. */
  readonly keypoints?: readonly (readonly Keypoint[])[];
}

type Ids = Uint8Array | Uint16Array;

const FIELDS = [
  'images',
  'labels',
  'width',
  'height',
  'channels',
  'classes',
  'name',
  'masks',
  'boxes',
  'keypoints',
];

const OWNER = 'arrays';

export const arraysSchema = z.strictObject({
  /** Settings of the targets; boxes need `boxes: { format }`. */
  targets: targetOptions.optional(),
});

/**
 * Images in memory as a data set with random access. They are copied once to shared memory unless they are on a
 * SharedArrayBuffer already.
 *
 * @param given images, labels, sizes and class names
 * @param targets settings of the targets; boxes need `boxes: { format }`
 * @throws UsageError if sizes do not match or a field is unknown; RxaugError if a label is not a class
 *
 * @example
 * const data = openArrays({
 *   images: new Uint8Array(2 * 8 * 8 * 3),
 *   labels: [0, 1],
 *   width: 8,
 *   height: 8,
 *   classes: ['cat', 'dog'],
 * });
 * data.item(1).id // → 'arrays/1'
 */
export function openArrays(given: Arrays, targets?: TargetOptions): OpenedDataset {
  const { images, labels, width, height, channels = 3, classes, name = OWNER } = given;
  const odd = unknownField(given, FIELDS, OWNER);
  if (odd) throw new UsageError(odd);
  const check = new LabelCheck(checkClasses(OWNER, classes));
  const size = width * height * channels;
  const count = images.length / size;
  if (!(width >= 1 && height >= 1) || ![1, 3, 4].includes(channels) || !Number.isInteger(count)) {
    throw new UsageError(
      `${OWNER}: expected N × height × width × channels bytes but received ${images.length} for ${height}×${width}×${channels}; give matching sizes`,
    );
  }
  if (count === 0) throw new UsageError(`${OWNER}: images is empty; give at least one image`);
  if (labels.length !== count) {
    throw new UsageError(
      `${OWNER}: expected ${count} labels, one per image, but received ${labels.length}; give one per image`,
    );
  }
  const checked: Label[] = Array.from(labels as ArrayLike<number | Float32Array>, (raw, i) => {
    const label = check.check(raw);
    if (refused(label)) throw new RxaugError(`${OWNER}: image ${i}: ${label.reason}`);
    return label;
  });
  const pixels = images.buffer instanceof SharedArrayBuffer ? images : shared(images);
  const targetsAt = targetsIn(given, count, targets);
  return {
    name,
    classes: check.classes,
    length: count,
    problems: [],
    item(i: number): Item {
      const label = checked[i];
      if (label === undefined) throw new RangeError(`${OWNER}: there is no item ${i} among ${count}`);
      const data = pixels.subarray(i * size, (i + 1) * size);
      const image = { kind: 'pixels', data, width, height, channels } as const;
      return { id: `${name}/${i}`, image, label, ...(targetsAt && { targets: targetsAt(i) }) };
    },
  };
}

/** The targets of image i, where any were given. */
function targetsIn(
  { masks = {}, boxes, keypoints, width, height }: Arrays,
  count: number,
  options: TargetOptions = {},
): ((i: number) => Targets) | undefined {
  const named = Object.entries(isIds(masks) ? { mask: masks } : masks);
  const unused = unusedSetting(OWNER, options, {
    masks: named.map(([name]) => name),
    boxes: boxes !== undefined,
    keypoints: keypoints !== undefined,
  });
  if (unused) throw new UsageError(unused);
  if (named.length === 0 && !boxes && !keypoints) return undefined;
  const area = width * height;
  for (const [mask, ids] of named) {
    if (isIds(ids) && ids.length === count * area) continue;
    const received = isIds(ids) ? `${ids.length} ids` : 'something else';
    throw new UsageError(
      `${OWNER}: masks: expected '${mask}' to be a Uint8Array or Uint16Array of ${count} × ${height} × ${width} ids but received ${received}; give one id per pixel`,
    );
  }
  for (const [what, all] of Object.entries({ boxes, keypoints })) {
    if (!all || (Array.isArray(all) && all.length === count && all.every(Array.isArray))) continue;
    throw new UsageError(
      `${OWNER}: ${what}: expected ${count} lists, one per image, but received ${Array.isArray(all) ? all.length : 'no list'}; give one per image`,
    );
  }
  const format = options.boxes?.format;
  if (boxes && !format) {
    throw new UsageError(
      `${OWNER}: boxes: expected their format; give targets: { boxes: { format: 'voc' } } as an option of the source`,
    );
  }
  const bitsOf = (mask: string) => options.masks?.[mask]?.bits ?? (mask === 'mask' && options.mask?.bits);
  const memory = named.map(([mask, ids]) => [mask, inShared(ids)] as const);
  return (i) => {
    const refs = memory.map(([mask, ids]): [string, Mask] => {
      const data = ids.subarray(i * area, (i + 1) * area);
      const image = { kind: 'ids', data, width, height } as const;
      // A default: settings of the source take precedence.
      return [mask, { ...(data instanceof Uint16Array && !bitsOf(mask) && { bits: 16 }), image }];
    });
    return withSettings(
      {
        ...(refs.length > 0 && { masks: Object.fromEntries(refs) }),
        ...(boxes && format && { boxes: { items: boxes[i] as BoundingBox[], format } }),
        ...(keypoints && { keypoints: { items: keypoints[i] as Keypoint[] } }),
      },
      options,
    ) as Targets;
  };
}

const isIds = (value: unknown): value is Ids => value instanceof Uint8Array || value instanceof Uint16Array;

const inShared = (ids: Ids): Ids => (ids.buffer instanceof SharedArrayBuffer ? ids : shared(ids));

/** A copy that worker threads can see. */
function shared<T extends Ids>(values: T): T {
  const Kind = values.constructor as new (memory: SharedArrayBuffer) => T;
  const copy = new Kind(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
