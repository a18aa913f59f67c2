/** Opens one file of a raw cache: all that it says of itself is checked against its size and its hash. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { HEAD_BYTES, readEnd, readHead, TAIL_BYTES } from './layout.js';

const names = z.array(z.string()).min(1);

const descriptionSchema = z.object({
  width: z.int().min(1),
  height: z.int().min(1),
  channels: z.int().min(1).max(4),
  bits: z.union([z.literal(8), z.literal(16)]),
  count: z.int().min(1),
  labels: z.enum(['none', 'int32', 'float32']),
  lengths: z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)]),
  name: z.string().default(''),
  classes: names.optional(),
  boxClasses: names.optional(),
  masks: z
    .array(
      z.object({ name: z.string().min(1), bits: z.union([z.literal(8), z.literal(16)]), file: z.string() }),
    )
    .default([]),
  /** Samples with boxes, keypoints or masks. */
  targets: z.int().min(0).default(0),
  lines: z.object({ file: z.string(), sha256: z.string() }).optional(),
});

export type RawDescription = z.output<typeof descriptionSchema>;

export interface RawShard extends RawDescription {
  readonly path: string;
  /** Class numbers [N], or distributions [N, K]. */
  readonly hard?: Int32Array;
  readonly soft?: Float32Array;
  readonly ends: Uint32Array;
  readonly keys: Buffer;
}

/** A footer is at most so large: some 10 million samples. */
const MOST_FOOTER = 1 << 30;

/** @throws Error with a reason that fits behind the file's name; errors of the system */
export function openRawShard(path: string, channels: 1 | 3): RawShard {
  // A pipe without a writer must not block forever.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { size } = fstatSync(fd);
    const head = readHead(readAt(fd, 0, Math.min(HEAD_BYTES, size)));
    if (!head) throw new Error('it is no file of a raw cache; check the path');
    if (head.version !== 1)
      throw new Error(`it has version ${head.version}, not 1; read it with a newer rxaug`);
    const end =
      size >= HEAD_BYTES + TAIL_BYTES ? readEnd(readAt(fd, size - TAIL_BYTES, TAIL_BYTES)) : undefined;
    if (!end) throw new Error('it is cut short; write it again');
    const length = size - TAIL_BYTES - end.start;
    if (!(end.start >= HEAD_BYTES && length >= end.json && length <= MOST_FOOTER)) throw damaged();
    const footer = readAt(fd, end.start, length);
    if (!createHash('sha256').update(footer).digest().equals(end.sha256)) throw damaged();
    const parsed = descriptionSchema.safeParse(parse(footer.toString('utf8', length - end.json)));
    if (!parsed.success) throw damaged();
    const it = parsed.data;
    const [labels, ends, keys] = it.lengths;
    const image = it.width * it.height * it.channels * (it.bits / 8);
    const fits =
      it.width === head.width &&
      it.height === head.height &&
      it.channels === head.channels &&
      it.bits === head.bits &&
      it.count * image === end.start - HEAD_BYTES &&
      labels + ends + keys + end.json === length &&
      ends === (channels === 1 ? 0 : 4 * it.count) &&
      labels === labelBytes(it);
    if (!fits) throw damaged();
    if (it.channels !== channels || (channels === 3 && it.bits !== 8))
      throw new Error(
        `it has ${it.channels} channels of ${it.bits} bits, not ${channels}; check which file it is`,
      );
    const column = footer.subarray(0, labels);
    return {
      ...it,
      path,
      ends: keyEnds(footer.subarray(labels, labels + ends), keys),
      keys: footer.subarray(labels + ends, labels + ends + keys),
      ...(it.labels === 'int32' && {
        hard: Int32Array.from({ length: it.count }, (_, i) => column.readInt32LE(4 * i)),
      }),
      ...(it.labels === 'float32' && {
        soft: Float32Array.from({ length: labels / 4 }, (_, i) => column.readFloatLE(4 * i)),
      }),
    };
  } finally {
    closeSync(fd);
  }
}

const damaged = () => new Error('its footer is damaged; write it again');

function labelBytes({ labels, count, classes }: RawDescription): number {
  if (labels === 'none') return 0;
  return 4 * count * (labels === 'int32' ? 1 : (classes?.length ?? Number.NaN));
}

/** Ends of keys, one behind the other. */
function keyEnds(bytes: Buffer, total: number): Uint32Array {
  const ends = Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
  if (ends.some((end, i) => end < (ends[i - 1] ?? 0)) || (ends.at(-1) ?? total) !== total) throw damaged();
  return ends;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const n = readSync(fd, bytes, done, length - done, offset + done);
    if (n === 0) throw new Error('it became shorter while it was read; write it again');
    done += n;
  }
  return bytes;
}
