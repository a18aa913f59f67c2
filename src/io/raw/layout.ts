/**
 * The file of a raw cache's shard, all numbers with the low byte first:
 *
 * - 64 bytes: `RXAUGRAW`, then as uint32 version 1, width, height, channels, bits; zeros.
 * - Images, [N, H, W, C] without gaps.
 * - Footer: labels (int32 [N], or float32 [N, K]), ends of the keys (uint32 [N], from the first key on), keys in UTF-8, and
 *   a description as JSON, which gives their lengths.
 * - 64 bytes: `RXAUGEND`, where the footer begins (uint64), the length of the JSON (uint32), zeros (12 bytes), SHA-256 of
 *   the footer.
 *
 * A file that was cut short has no such end, and a footer that was changed has another hash.
 */
import { createHash } from 'node:crypto';

export const HEAD_BYTES = 64;
export const TAIL_BYTES = 64;
const MAGIC = 'RXAUGRAW';
const END = 'RXAUGEND';
export const VERSION = 1;

export interface RawShape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bits: number;
}

export function rawHead({ width, height, channels, bits }: RawShape): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 0, 'latin1');
  [VERSION, width, height, channels, bits].forEach((value, i) => {
    head.writeUInt32LE(value, 8 + 4 * i);
  });
  return head;
}

/** Undefined for another kind of file. */
export function readHead(head: Buffer): (RawShape & { readonly version: number }) | undefined {
  if (head.length < HEAD_BYTES || head.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const [version, width, height, channels, bits] = [0, 1, 2, 3, 4].map((i) => head.readUInt32LE(8 + 4 * i));
  return { version, width, height, channels, bits } as RawShape & { version: number };
}

/** What the footer holds besides its description. */
export interface RawContent {
  readonly keys: readonly string[];
  /** Class numbers, or distributions over the classes. */
  readonly labels?: readonly (number | Float32Array)[];
  /** Number of classes. */
  readonly classes?: number;
  /** Number of images, where it is not that of the keys. */
  readonly count?: number;
}

/** Footer and end of a file whose images end at `start`. */
export function rawFooter(start: number, description: object, content: RawContent): Buffer {
  const { keys, labels, classes = 0, count = keys.length } = content;
  const soft = labels?.some((label) => typeof label !== 'number') ?? false;
  const parts = [
    labels ? (soft ? softColumn(labels, classes) : hardColumn(labels as readonly number[])) : Buffer.alloc(0),
    endsOf(keys),
    Buffer.from(keys.join(''), 'utf8'),
  ];
  const json = Buffer.from(
    JSON.stringify({
      ...description,
      count,
      labels: labels ? (soft ? 'float32' : 'int32') : 'none',
      lengths: parts.map(({ length }) => length),
    }),
  );
  const footer = Buffer.concat([...parts, json]);
  const end = Buffer.alloc(TAIL_BYTES);
  end.write(END, 0, 'latin1');
  end.writeBigUInt64LE(BigInt(start), 8);
  end.writeUInt32LE(json.length, 16);
  createHash('sha256').update(footer).digest().copy(end, 32);
  return Buffer.concat([footer, end]);
}

/** Undefined where the file was cut short. */
export function readEnd(end: Buffer): { start: number; json: number; sha256: Buffer } | undefined {
  if (end.length < TAIL_BYTES || end.toString('latin1', 0, 8) !== END) return undefined;
  return {
    start: Number(end.readBigUInt64LE(8)),
    json: end.readUInt32LE(16),
    sha256: end.subarray(32, 64),
  };
}

function hardColumn(labels: readonly number[]): Buffer {
  const column = Buffer.alloc(4 * labels.length);
  labels.forEach((label, i) => {
    column.writeInt32LE(label, 4 * i);
  });
  return column;
}

/** Class numbers among distributions become distributions. */
function softColumn(labels: readonly (number | Float32Array)[], classes: number): Buffer {
  const column = Buffer.alloc(4 * labels.length * classes);
  labels.forEach((label, i) => {
    for (let c = 0; c < classes; c++)
      column.writeFloatLE(
        typeof label === 'number' ? Number(c === label) : (label[c] as number),
        4 * (i * classes + c),
      );
  });
  return column;
}

function endsOf(keys: readonly string[]): Buffer {
  const ends = Buffer.alloc(4 * keys.length);
  let end = 0;
  keys.forEach((key, i) => {
    end += Buffer.byteLength(key);
    ends.writeUInt32LE(end, 4 * i);
  });
  return ends;
}
