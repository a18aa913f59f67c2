/** Columns of an MDS shard, and a sample as the values of them. */
import { show, UsageError } from '../../core/index.js';
import type { OutputSample, OutputSchema } from './output.js';
import { plainJson } from './plain-json.js';

/** Name, encoding, and size in bytes where that is fixed; in the order of names, as MDS has them. */
export interface MdsColumn {
  readonly name: string;
  encoding: string;
  readonly size: number | null;
}

/** The column of a mask: `mask`, or `mask.NAME`. */
export const maskColumn = (name: string) => (name === 'mask' ? 'mask' : `mask.${name}`);

/** Labels are `int`, or float32 distributions, as the first sample has them. */
export function mdsColumns(schema: OutputSchema, first: OutputSample): MdsColumn[] {
  const k = schema.classes.length;
  const soft = typeof first.label !== 'number';
  const columns: MdsColumn[] = [
    ...(schema.boxClasses ? [{ name: 'boxes', encoding: 'json', size: null }] : []),
    { name: 'image', encoding: '', size: null },
    { name: 'key', encoding: 'str', size: null },
    ...(schema.keypoints ? [{ name: 'keypoints', encoding: 'json', size: null }] : []),
    ...(schema.labels
      ? [{ name: 'label', encoding: soft ? `ndarray:float32:${k}` : 'int', size: soft ? 4 * k : 8 }]
      : []),
    ...schema.masks.map((name) => ({ name: maskColumn(name), encoding: '', size: null })),
    { name: 'meta', encoding: 'json', size: null },
  ];
  return columns.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The values of a sample by column; absent masks have no bytes, absent boxes and keypoints are null. */
export function mdsValues(owner: string, sample: OutputSample, columns: readonly MdsColumn[]): Uint8Array[] {
  const { key, image, label, boxes = null, keypoints = null, masks = {}, meta } = sample;
  const json = (value: unknown) => Buffer.from(plainJson(`${owner}: ${show(key)}`, value));
  const byColumn = new Map(Object.entries(masks).map(([name, mask]) => [maskColumn(name), mask.png]));
  return columns.map(({ name, encoding }) => {
    switch (name) {
      case 'boxes':
        return json(boxes);
      case 'image':
        return image.bytes;
      case 'key':
        return Buffer.from(key);
      case 'keypoints':
        return json(keypoints);
      case 'label':
        return labelBytes(owner, key, label, encoding === 'int');
      case 'meta':
        return json(meta);
      default:
        return byColumn.get(name) ?? new Uint8Array();
    }
  });
}

function labelBytes(owner: string, key: string, label: OutputSample['label'], hard: boolean): Buffer {
  if ((typeof label === 'number') !== hard)
    throw new UsageError(
      `${owner}: ${show(key)}: the shard's first label is ${hard ? 'a class number' : 'a distribution'} and this one is not; give all labels in one form`,
    );
  if (typeof label === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(label));
    return bytes;
  }
  const bytes = Buffer.alloc(4 * (label as Float32Array).length);
  (label as Float32Array).forEach((p, i) => {
    bytes.writeFloatLE(p, 4 * i);
  });
  return bytes;
}
