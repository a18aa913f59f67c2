/** A data set in parts that share no image. */
import { createHash } from 'node:crypto';
import {
  type Dataset,
  fold,
  type ImageRef,
  type Key,
  keyOf,
  messageOf,
  show,
  tag,
  UsageError,
} from '../core/index.js';
import { ImageFiles, MOST_BYTES } from '../io/files.js';

export interface SplitOptions {
  /** Key of the division, default 0. */
  readonly seed?: number;
}

/** Different images of one class, by the place that their bytes have. */
interface Group {
  readonly place: Key;
  readonly images: number[];
}

/**
 * Divides a data set into parts by shares of each class, such as images to train on and images to test on. Each image goes
 * where its bytes and the seed say, so neither the order of the data set nor its names matter, and images with the same
 * bytes stay together. What the shares leave over is in no part. All files are read once.
 *
 * @param shares of the images of each class, by the name of the part: each above 0, together at most 1
 * @throws UsageError for shares out of range, labels that are distributions, files that cannot be read, and a class too small
 * to be in every part
 *
 * @example
 * const photos = await openImageFolder('photos');
 * const { train, test } = splitDataset(photos, { train: 0.75, test: 0.25 });
 * [train.length, test.length] // → [ 6, 2 ]
 */
export function splitDataset<Part extends string>(
  data: Dataset,
  shares: Readonly<Record<Part, number>>,
  { seed = 0 }: SplitOptions = {},
): Readonly<Record<Part, Dataset>> {
  const parts = Object.keys(shares) as Part[];
  checkShares(parts.map((part) => [part, shares[part]]));
  const chosen = new Map<Part, number[]>(parts.map((part) => [part, []]));
  for (const [label, groups] of groupsOf(data, fold(keyOf(seed), tag('split-data'))).entries()) {
    groups.sort((one, other) => one.place.a - other.place.a || one.place.b - other.place.b);
    let [share, from] = [0, 0];
    for (const part of parts) {
      share += shares[part];
      const to = Math.round(share * groups.length);
      if (to === from && groups.length > 0)
        throw new UsageError(
          `splitDataset: expected enough images of class ${show(data.classes[label])} for a share of ${shares[part]} for ${part} but it has ${groups.length} different ones; give it more, or raise the share`,
        );
      chosen.get(part)?.push(...groups.slice(from, to).flatMap(({ images }) => images));
      from = to;
    }
  }
  const taken = parts.map((part, nth) => [part, partOf(data, part, chosen.get(part) ?? [], nth === 0)]);
  return Object.fromEntries(taken) as Record<Part, Dataset>;
}

function checkShares(shares: readonly (readonly [string, number])[]): void {
  for (const [part, share] of shares) {
    if (share > 0 && share <= 1) continue;
    throw new UsageError(
      `splitDataset: ${part}: expected a share above 0 and at most 1 but received ${show(share)}; change it`,
    );
  }
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  if (shares.length > 0 && sum <= 1 + 1e-9) return;
  throw new UsageError(
    `splitDataset: expected shares of at most 1 in all but received ${show(Object.fromEntries(shares))}; lower one`,
  );
}

/** Archives that are open at a time. */
const OPEN = 16;

/** Of each class; images with the bytes of an earlier one go with it, whatever their class. */
function groupsOf(data: Dataset, key: Key): Group[][] {
  const byClass: Group[][] = data.classes.map(() => []);
  const byHash = new Map<string, Group>();
  const files = new ImageFiles(MOST_BYTES, OPEN);
  try {
    for (let i = 0; i < data.length; i++) {
      const { id, image, label } = data.item(i);
      const own = typeof label === 'number' ? byClass[label] : undefined;
      if (!own)
        throw new UsageError(
          `splitDataset: expected class numbers as labels but ${show(id)} has ${show(label)}; give hard labels`,
        );
      const hash = hashOf(image, id, files);
      const known = byHash.get(hash);
      if (known) {
        known.images.push(i);
        continue;
      }
      const group = { place: fold(key, tag(hash)), images: [i] };
      byHash.set(hash, group);
      own.push(group);
    }
    return byClass;
  } finally {
    files.dispose();
  }
}

function hashOf(image: ImageRef, id: string, files: ImageFiles): string {
  const hash = createHash('sha256');
  if (image.kind === 'pixels' || image.kind === 'raw')
    hash.update(`${image.width} ${image.height} ${image.channels} `);
  try {
    return hash.update(image.kind === 'pixels' ? image.data : files.read(image)).digest('hex');
  } catch (error) {
    throw new UsageError(`splitDataset: ${show(id)} cannot be read (${messageOf(error)}); repair it`, {
      cause: error,
    });
  }
}

function partOf(data: Dataset, part: string, images: readonly number[], withProblems: boolean): Dataset {
  const own = [...images].sort((a, b) => a - b);
  const name = `${data.name} (${part})`;
  return {
    name,
    classes: data.classes,
    length: own.length,
    // What was left out when the data set was opened is reported once.
    ...(withProblems && data.problems && { problems: data.problems }),
    item(i) {
      const image = own[i];
      if (image === undefined) throw new RangeError(`${name}: there is no image ${i} among ${own.length}`);
      return data.item(image);
    },
  };
}
