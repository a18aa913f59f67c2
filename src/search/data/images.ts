/** Images of a search in memory: rendered once to one size, identified by the bytes of their pixels. */
import { createHash } from 'node:crypto';
import { centerCrop, smallestMaxSize } from '../../augment/index.js';
import { type Batch, type Dataset, type ImageRef, RxaugError, show, UsageError } from '../../core/index.js';
import { batch } from '../../stream/batch.js';
import { pull } from '../../stream/demand.js';
import { samples } from '../../stream/source.js';

/** Images of one size with their labels. */
export interface Images {
  /** For messages: 'train'. */
  readonly name: string;
  /** uint8 [N, H, W, C], in shared memory. */
  readonly pixels: Uint8Array;
  /** [N], by `classes`. */
  readonly labels: Int32Array;
  readonly ids: readonly string[];
  /** sha256 of the pixels of each image, hexadecimal. */
  readonly hashes: readonly string[];
  readonly classes: readonly string[];
  readonly size: number;
  readonly channels: 1 | 3;
  /** Of all pixels and labels, whatever their order; hexadecimal. */
  readonly sha256: string;
  /** What was left out, one sentence each. */
  readonly notes: readonly string[];
}

export interface LoadOptions {
  /** Side in pixels. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** For messages: 'train'. */
  readonly name: string;
  /** Threads that decode; default 0 for pixels in memory, else one less than there are cores. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

const AT_ONCE = 64;

/**
 * Renders all images of a data set through a stream: the shorter side is resized to `size` and the middle is cropped, so
 * the aspect ratio stays and images of `size` × `size` keep their bytes. With `channels` 1 the images must be gray.
 *
 * Images that cannot be read are left out and listed in `notes`; more than 1 % of them is an error, as in every stream.
 *
 * @throws UsageError for an empty data set, labels that are distributions, and colors where gray is expected
 */
export async function loadImages(
  dataset: Dataset,
  { size, channels, name, workers, signal }: LoadOptions,
): Promise<Images> {
  const { length, classes, problems = [] } = dataset;
  if (length === 0)
    throw new UsageError(`search: ${name}: expected images but '${dataset.name}' is empty; check its path`);
  const area = size * size * channels;
  const pixels = new Uint8Array(new SharedArrayBuffer(length * area));
  const labels = new Int32Array(length);
  const ids: string[] = [];
  const notes = problems.map(({ where, reason }) => `${name}: ${where}: ${reason}`);
  let unused = false;
  const inMemory = dataset.item(0).image.kind === 'pixels';
  const rendered$ = samples(dataset, {}, `search: ${name}`).pipe(
    smallestMaxSize(size),
    centerCrop(size),
    batch(AT_ONCE, { dtype: 'uint8', workers: workers ?? (inMemory ? 0 : undefined) }),
  );
  const rendered = pull(rendered$);
  const stop = () => rendered.cancel();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const one of rendered) {
      using held = one;
      unused ||= held.masks !== undefined || held.targets !== undefined;
      for (const { id, reason } of held.bad) notes.push(`${name}: ${id}: was left out: ${reason}`);
      for (let row = 0; row < held.size; row++) {
        const { id, label } = held.samples[row] as Batch['samples'][number];
        if (typeof label !== 'number')
          throw new UsageError(
            `search: ${name}: expected class numbers as labels but ${show(id)} has a distribution; give hard labels`,
          );
        const at = ids.length;
        copyRow(held, row, pixels, at * area, channels, `search: ${name}: ${show(id)}`);
        labels[at] = label;
        ids.push(id);
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
  if (unused)
    notes.push(
      `${name}: masks, boxes and keypoints have no part in a search; the found policy moves them where it is used`,
    );
  if (ids.length === 0) throw new RxaugError(`search: ${name}: none of ${length} images can be used`);
  return imagesOf({
    name,
    pixels: pixels.subarray(0, ids.length * area),
    labels: labels.subarray(0, ids.length),
    ids,
    classes,
    size,
    channels,
    notes,
  });
}

/** Rendered rows are RGB; of gray images one channel is kept. */
function copyRow(from: Batch, row: number, to: Uint8Array, at: number, channels: 1 | 3, where: string): void {
  const area = from.height * from.width * 3;
  const rgb = from.images.subarray(row * area, (row + 1) * area);
  if (channels === 3) {
    to.set(rgb, at);
    return;
  }
  for (let i = 0, j = at; i < area; i += 3, j++) {
    const gray = rgb[i] as number;
    if (rgb[i + 1] !== gray || rgb[i + 2] !== gray)
      throw new UsageError(
        `${where}: expected a gray image for channels: 1 but it has colors; set channels: 3`,
      );
    to[j] = gray;
  }
}

/** With the hashes of pixels that are given. */
export function imagesOf(given: Omit<Images, 'hashes' | 'sha256'>): Images {
  const { pixels, ids, size, channels } = given;
  const area = size * size * channels;
  const hashes = ids.map((_, i) => sha256(pixels.subarray(i * area, (i + 1) * area)));
  return withDigest({ ...given, hashes });
}

/** Some of the images, in the order of `rows`. */
export function select(images: Images, rows: readonly number[], name = images.name): Images {
  const { pixels, labels, ids, hashes, size, channels } = images;
  const area = size * size * channels;
  const chosen = new Uint8Array(new SharedArrayBuffer(rows.length * area));
  for (const [at, row] of rows.entries()) {
    chosen.set(pixels.subarray(row * area, (row + 1) * area), at * area);
  }
  return withDigest({
    ...images,
    name,
    pixels: chosen,
    labels: Int32Array.from(rows, (row) => labels[row] as number),
    ids: rows.map((row) => ids[row] as string),
    hashes: rows.map((row) => hashes[row] as string),
    notes: [],
  });
}

/** The images from one row to before another, in the same memory. */
export function slice(images: Images, from: number, to: number, name: string): Images {
  const { pixels, labels, ids, hashes, size, channels } = images;
  const area = size * size * channels;
  return withDigest({
    ...images,
    name,
    pixels: pixels.subarray(from * area, to * area),
    labels: labels.slice(from, to),
    ids: ids.slice(from, to),
    hashes: hashes.slice(from, to),
    notes: [],
  });
}

function withDigest(images: Omit<Images, 'sha256'>): Images {
  const { labels, hashes, classes } = images;
  const lines = hashes.map((hash, i) => `${hash} ${labels[i]}\n`).sort();
  const sum = createHash('sha256').update(JSON.stringify(classes)).update(lines.join(''));
  return { ...images, sha256: sum.digest('hex') };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * A data set over images in memory: what a scorer of one's own reads of `context.data`, by `samples`.
 *
 * @example
 * const count = (data: ProblemData) => samples(arrayDataset(data.validation)).pipe(batch(100));
 */
export function arrayDataset(images: Images): Dataset {
  const { name, pixels, labels, ids, classes, size, channels } = images;
  const area = size * size * channels;
  return {
    name,
    classes,
    length: ids.length,
    item(i) {
      const id = ids[i];
      if (id === undefined)
        throw new RangeError(`search: ${name}: there is no image ${i} among ${ids.length}`);
      const data = pixels.subarray(i * area, (i + 1) * area);
      const image: ImageRef = { kind: 'pixels', data, width: size, height: size, channels };
      return { id, image, label: labels[i] as number };
    },
  };
}
