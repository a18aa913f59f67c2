/** What the columns of MDS shards are to us: image, label, key and targets; the others are not read. */
import { showNames, UsageError } from '../../core/index.js';
import type { MdsShardInfo } from './index-file.js';
import { isLabelEncoding } from './values.js';

export interface ColumnChoice {
  readonly image?: string;
  /** False: there are no labels. */
  readonly label?: string | false;
  readonly masks: readonly string[];
}

/** Numbers of columns. */
export interface Roles {
  readonly image: number;
  readonly label?: number;
  readonly key?: number;
  readonly boxes?: number;
  readonly keypoints?: number;
  /** By the mask's name. */
  readonly masks: ReadonlyMap<string, number>;
}

/** Encodings of images, which Python's package gives as PIL images, and bytes, which may be images. */
const IMAGES = ['jpeg', 'png', 'pil'];
const IMAGE_NAMES = ['image', 'img', 'jpg', 'x'];
const LABEL_NAMES = ['label', 'labels', 'cls', 'class', 'target', 'y'];

/** @throws UsageError where a column is asked for that is not there, or none can be told to be the image's or the label's */
export function rolesOf(owner: string, shard: MdsShardInfo, choice: ColumnChoice): Roles {
  const { column_names: names, column_encodings: encodings } = shard;
  const all = names.map((name, c) => `${name} (${encodings[c]})`);
  const place = (name: string, role: string) => {
    const c = names.indexOf(name);
    if (c >= 0) return c;
    throw new UsageError(
      `${owner}: ${role}: expected one of the columns ${showNames(all)} but received '${name}'; choose one`,
    );
  };
  const image = choice.image === undefined ? imageColumn(names, encodings) : place(choice.image, 'image');
  if (image === undefined)
    throw new UsageError(
      `${owner}: none of the columns ${showNames(all)} is known to be the image; give its name as image`,
    );
  if (![...IMAGES, 'bytes'].includes(encodings[image] as string))
    throw new UsageError(
      `${owner}: image: expected a column of ${IMAGES.join(', ')} or bytes but received ${showNames([all[image] as string])}; choose another`,
    );
  const found = names.findIndex(
    (name, c) => LABEL_NAMES.includes(name) && isLabelEncoding(encodings[c] as string),
  );
  const label =
    choice.label === false ? undefined : choice.label === undefined ? found : place(choice.label, 'label');
  if (label === -1)
    throw new UsageError(
      `${owner}: none of the columns ${showNames(all)} is known to be the label; give its name as label, or label: false`,
    );
  if (label !== undefined && !isLabelEncoding(encodings[label] as string))
    throw new UsageError(
      `${owner}: label: expected a column of int, str, json or ndarray but received ${showNames([all[label] as string])}; choose another`,
    );
  const json = (name: string) => names.findIndex((one, c) => one === name && encodings[c] === 'json');
  const masks = new Map<string, number>();
  for (const name of choice.masks) {
    const c = names.indexOf(name === 'mask' ? 'mask' : `mask.${name}`);
    if (c >= 0 && c !== image && ['png', 'bytes'].includes(encodings[c] as string)) masks.set(name, c);
  }
  const key = names.findIndex((name, c) => name === 'key' && encodings[c] === 'str');
  return {
    image,
    masks,
    ...(label !== undefined && { label }),
    ...(key >= 0 && { key }),
    ...(json('boxes') >= 0 && { boxes: json('boxes') }),
    ...(json('keypoints') >= 0 && { keypoints: json('keypoints') }),
  };
}

/** The one column of images, or else the one with a usual name. */
function imageColumn(names: readonly string[], encodings: readonly string[]): number | undefined {
  const usual = IMAGE_NAMES.map((name) => names.indexOf(name)).find(
    (c) => c >= 0 && [...IMAGES, 'bytes'].includes(encodings[c] as string),
  );
  const images = encodings.flatMap((encoding, c) =>
    IMAGES.includes(encoding) && !/^mask(\.|$)/.test(names[c] as string) ? [c] : [],
  );
  return images.length === 1 ? images[0] : usual;
}

/** The columns that are not read. */
export function unread({ column_names: names }: MdsShardInfo, roles: Roles): string[] {
  const { image, label, key, boxes, keypoints, masks } = roles;
  const read = new Set([image, label, key, boxes, keypoints, ...masks.values()]);
  return names.filter((_, c) => !read.has(c));
}
