/** The images of a search in its folder, for processes that train on them: pixels as bytes, the rest as JSON. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../core/files/write-file.js';
import { RxaugError } from '../../core/index.js';
import { type Images, imagesOf, slice } from './images.js';
import type { ProblemData } from './splits.js';

/** Splits with memory of their own. */
const STORED = ['train', 'heldOut', 'test'] as const;

/** Writes the images into a folder, whole files only. */
export function storeData(dir: string, data: ProblemData): void {
  for (const split of STORED) {
    const { pixels, labels, ...rest } = data[split];
    replaceFile(join(dir, `${split}.pixels`), pixels);
    replaceFile(join(dir, `${split}.json`), JSON.stringify({ ...rest, labels: [...labels] }));
  }
  const search = { images: data.search.ids.length, validation: data.validation === data.heldOut };
  replaceFile(join(dir, 'search.json'), JSON.stringify(search));
}

/**
 * Reads them again.
 *
 * @throws RxaugError for files that are not what was written
 */
export function readData(dir: string): ProblemData {
  const json = (name: string) => JSON.parse(readFileSync(join(dir, `${name}.json`), 'utf8'));
  const read = (split: string): Images => {
    const { labels, hashes: _, sha256, ...rest } = json(split);
    const file = join(dir, `${split}.pixels`);
    const pixels = bytesOf(file, rest.ids.length * rest.size * rest.size * rest.channels);
    const images = imagesOf({ ...rest, labels: Int32Array.from(labels), pixels });
    if (images.sha256 !== sha256)
      throw new RxaugError(
        `${file}: does not hold the images that were written; continue the search with --resume, which writes it anew`,
      );
    return images;
  };
  const [train, heldOut, test] = STORED.map(read) as [Images, Images, Images];
  const { images, validation } = json('search') as { readonly images: number; readonly validation: boolean };
  return {
    train,
    search: slice(train, 0, images, 'search'),
    validation: validation ? heldOut : slice(train, images, train.ids.length, 'validation'),
    heldOut,
    test,
    notes: [],
  };
}

function bytesOf(file: string, length: number): Uint8Array {
  const pixels = new Uint8Array(new SharedArrayBuffer(length));
  const fd = openSync(file, 'r');
  try {
    let at = 0;
    while (at < length) {
      const count = readSync(fd, pixels, at, length - at, at);
      if (count === 0)
        throw new RxaugError(
          `${file}: was cut short; continue the search with --resume, which writes it anew`,
        );
      at += count;
    }
  } finally {
    closeSync(fd);
  }
  return pixels;
}
