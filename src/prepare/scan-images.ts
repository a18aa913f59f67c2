/** One pass over the images of a data set: what each is and looks like. */

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { BadSampleError, type Dataset, type Item } from '../core/index.js';
import { ImageFiles, MOST_BYTES } from '../io/files.js';
import { Decoder, type Pixels } from '../io/index.js';
import { thumbnailOf } from './measure/hashes.js';
import { lumaOf } from './measure/luma.js';
import { measuredView } from './measure/measure.js';
import type { NearRows } from './near/near-rows.js';
import { Thumbnails } from './near/thumbnails.js';
import { reasonOf } from './reason.js';
import { storedImage } from './stored-image.js';

/** Archives open at a time. */
const OPEN = 16;

/** Images of a data set that could be read, in columns, and those that could not. */
export interface Scanned extends NearRows {
  /** Number of each image in the data set. */
  readonly item: Uint32Array;
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Reads every image once: SHA-256 of its bytes and a thumbnail of 32 × 32, 1.1 KB an image in memory. What cannot be decoded is
 * named, with the reason.
 *
 * @throws what `signal` was aborted with
 */
export async function scanImages(
  data: Dataset,
  watch: { readonly signal?: AbortSignal; readonly progress?: (done: number) => void } = {},
): Promise<Scanned> {
  const thumbnails = new Thumbnails();
  const item = new Uint32Array(data.length);
  const keys: string[] = [];
  const unreadable: { id: string; reason: string }[] = [];
  const files = new ImageFiles(MOST_BYTES, OPEN);
  const decoder = new Decoder();
  try {
    for (let i = 0; i < data.length; i++) {
      const one = data.item(i);
      try {
        const { key, pixels } = await read(one, files, decoder);
        thumbnails.add(thumbnailOf(lumaOf(pixels)));
        item[keys.length] = i;
        keys.push(key);
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw error;
        unreadable.push({ id: one.id, reason: reasonOf(error.message, one.id) });
      }
      watch.progress?.(i + 1);
      if (i % 16 === 0) await setImmediate();
      watch.signal?.throwIfAborted();
    }
  } finally {
    decoder.dispose();
    files.dispose();
  }
  const length = keys.length;
  return {
    length,
    item: item.slice(0, length),
    unreadable,
    key: (i) => keys[i] as string,
    thumbnail: (i) => thumbnails.at(i),
  };
}

async function read(
  { id, image }: Item,
  files: ImageFiles,
  decoder: Decoder,
): Promise<{ readonly key: string; readonly pixels: Pixels }> {
  const hash = createHash('sha256');
  // Pixels have no header that has their size.
  if ('channels' in image) hash.update(`${image.width} ${image.height} ${image.channels} `);
  const stored = storedImage(image, id, files);
  const key = hash.update(stored.bytes).digest('hex');
  return { key, pixels: await decoder.decode(stored.image, undefined, id, measuredView) };
}
