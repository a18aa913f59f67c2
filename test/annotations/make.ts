/** Small data sets of annotated images for the tests of their readers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Item } from '../../src/core/index.js';
import { masksOf } from '../../src/core/index.js';
import { Decoder, type OpenedDataset } from '../../src/io/index.js';
import { image } from '../io/make.js';

export const all = (data: OpenedDataset): Item[] =>
  Array.from({ length: data.length }, (_, i) => data.item(i));

/** Writes files below a folder: text, bytes or JSON. */
export function write(folder: string, files: Readonly<Record<string, unknown>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(path, plain ? content : JSON.stringify(content));
  }
  return folder;
}

export const png = (width: number, height: number): Promise<Buffer> => image(width, height).png().toBuffer();

/** The ids of a sample's masks by name. */
export function idsOf({
  id,
  targets,
}: Item): Record<string, { data: readonly number[]; width: number; height: number }> {
  using decoder = new Decoder();
  const masks = masksOf(targets ?? {}).map(({ name, image: ref }) => {
    const { data, width, height } = decoder.ids(ref, id);
    return [name, { data: [...data], width, height }] as const;
  });
  return Object.fromEntries(masks);
}

/** Problems in one text. */
export const told = ({ problems }: OpenedDataset): string =>
  problems.map(({ where, reason }) => `${where}: ${reason}`).join('\n');
