/** Samples as writers take them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Item } from '../../../src/core/index.js';
import { pngIds } from '../../../src/io/decode/png-ids.js';
import type { Decoder } from '../../../src/io/index.js';
import type {
  ImageEncoding,
  OutputFile,
  OutputSample,
  OutputSchema,
  ShardPlace,
} from '../../../src/io/write/output.js';
import { pngOf } from '../../targets/png.js';
import { bytesOf, image } from '../make.js';

export const SCHEMA: OutputSchema = {
  name: 'birds',
  classes: ['auk', 'blue tit', 'crow'],
  boxClasses: ['beak', 'wing'],
  masks: ['mask', 'Parts'],
  keypoints: true,
  labels: true,
};

export const place = (dir: string, split = 'train', index = 0, count = 1): ShardPlace => ({
  dir,
  split,
  index,
  count,
});

/** A gray PNG of ids, 8 or 16 bits. */
export const idsPng = (
  width: number,
  height: number,
  bits: 8 | 16,
  idAt: (i: number) => number,
): Uint8Array =>
  pngOf(
    `gray${bits}`,
    width,
    height,
    Array.from({ length: width * height }, (_, i) => idAt(i)),
  );

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Files of a writer are listed with the bytes that they have. */
export function checkFiles(dir: string, files: readonly OutputFile[]): void {
  for (const { path, bytes, sha256: digest } of files) {
    const content = readFileSync(join(dir, path));
    expect([path, content.length, sha256(content)]).toEqual([path, bytes, digest]);
  }
}

/** An item has the bytes of a sample's image, and the ids of its masks. */
export function checkImages({ image, targets }: Item, sample: OutputSample, decoder: Decoder): void {
  if (image.kind !== 'range') throw new Error(image.kind);
  expect(bytesOf(image).equals(sample.image.bytes)).toBe(true);
  for (const [name, { png }] of Object.entries(sample.masks ?? {})) {
    const mask = targets?.masks?.[name];
    if (!mask || !('image' in mask)) throw new Error(name);
    expect(decoder.ids(mask.image, name)).toEqual(idsOf(png));
  }
}

export const idsOf = (png: Uint8Array) => pngIds(Buffer.from(png), 1e6);

const WIDTH = 24;
const HEIGHT = 16;

/** Samples with everything that a sample can have, and some that lack it. */
export async function birds(encoding: ImageEncoding = 'png'): Promise<OutputSample[]> {
  const plain = image(WIDTH, HEIGHT);
  const bytes = encoding === 'jpeg' ? await plain.jpeg().toBuffer() : await plain.png().toBuffer();
  const own = { bytes, encoding, width: WIDTH, height: HEIGHT } as const;
  return [
    {
      key: 'auk/1_a-b',
      image: own,
      label: 0,
      boxes: [{ box: [1, 2.5, 20, 15.25], label: 1, instance: 7 }],
      keypoints: [{ x: 9.5, y: 3, name: 'eye', visible: false }],
      masks: {
        mask: { png: idsPng(WIDTH, HEIGHT, 8, (i) => i % 5) },
        Parts: { png: idsPng(WIDTH, HEIGHT, 16, (i) => 3 * i) },
      },
      meta: { source: 'a.b/ö.jpg', label: 'not the label', recipe: [{ op: 'horizontalFlip' }] },
    },
    { key: 'auk/2', image: own, label: Float32Array.of(0.25, 0.5, 0.25), boxes: [], meta: {} },
    { key: 'crow', image: own, label: 2, keypoints: [], meta: { n: 1e-7, null: null } },
  ];
}
