/** The images of a search in its folder, for processes that train on them: pixels as bytes, the rest as JSON. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../core/files/make-folder.js';
import { replaceFile } from '../../core/files/write-file.js';
import { RxaugError } from '../../core/index.js';
import type { Images } from './images.js';
import type { ProblemData } from './splits.js';

const SPLITS = ['train', 'search', 'validation', 'heldOut', 'test'] as const;

/** Writes the images into a folder, whole files only. */
export function storeData(dir: string, data: ProblemData): void {
  makeFolder(dir);
  for (const split of SPLITS) {
    const { pixels, labels, ...rest } = data[split];
    replaceFile(join(dir, `${split}.pixels`), pixels);
    replaceFile(join(dir, `${split}.json`), JSON.stringify({ ...rest, labels: [...labels] }));
  }
}

/** Reads them again. */
export function readData(dir: string): ProblemData {
  const read = (split: (typeof SPLITS)[number]): Images => {
    const { labels, ...rest } = JSON.parse(readFileSync(join(dir, `${split}.json`), 'utf8'));
    const length = rest.ids.length * rest.size * rest.size * rest.channels;
    return {
      ...rest,
      labels: Int32Array.from(labels),
      pixels: bytesOf(join(dir, `${split}.pixels`), length),
    };
  };
  const [train, search, validation, heldOut, test] = SPLITS.map(read) as [
    Images,
    Images,
    Images,
    Images,
    Images,
  ];
  return { train, search, validation, heldOut, test, notes: [] };
}

function bytesOf(file: string, length: number): Uint8Array {
  const pixels = new Uint8Array(new SharedArrayBuffer(length));
  const fd = openSync(file, 'r');
  try {
    let at = 0;
    while (at < length) {
      const count = readSync(fd, pixels, at, length - at, at);
      if (count === 0) throw new RxaugError(`${file}: was cut short; remove it, then continue with --resume`);
      at += count;
    }
  } finally {
    closeSync(fd);
  }
  return pixels;
}
