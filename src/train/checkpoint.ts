/**
 * A checkpoint is one file: the bytes `RXAUGCP1`, the length of a JSON header (uint32, little-endian), the
 * header, zeros up to a multiple of 64, and float32 tensors one after the other (little-endian). It is written
 * under a temporary name, synced and renamed, so that at every moment the old file or the new one is whole.
 * Its SHA-256 is in the header, so a file that was cut or changed is noticed.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { messageOf, RxaugError } from '../core/index.js';
import { fedSchema } from './fed.js';
import { flatten, type State, unflatten } from './tensors.js';
import { writeSafely } from './write-safely.js';

const MAGIC = 'RXAUGCP1';
const ALIGN = 64;
/** A header is some kilobytes; what claims more is another kind of file. */
const LARGEST_HEADER = 64 * 1024 * 1024;

const metrics = z.record(z.string(), z.number());

const measured = z.object({
  train: metrics.optional(),
  clean: metrics.optional(),
  validation: metrics.optional(),
});
/** Metrics of an epoch by the set that they were measured on. */
export type Measured = z.infer<typeof measured>;

const headerSchema = z.object({
  format: z.literal('rxaug-checkpoint'),
  version: z.literal(1),
  /** What was trained: `Task.identity`. */
  identity: z.record(z.string(), z.unknown()),
  /** What the images were like: `Task.look`. */
  look: z.object({ input: z.array(z.number()), classes: z.array(z.string()) }),
  seed: z.number(),
  step: z.number(),
  /** Of the last step. */
  learningRate: z.number(),
  /** The next batch to be trained: see `Position`. Older files count batches alone. */
  position: z.object({
    epoch: z.number(),
    batch: z.number(),
    sample: z.number().optional(),
    digest: z.string().optional(),
  }),
  /** The data sets, batches and epochs of the training; older files do not say. */
  fed: fedSchema.optional(),
  /** Sums over the part of the epoch that is done. */
  totals: z.object({ samples: z.number(), sums: metrics }),
  /** Metrics of the last complete epoch. */
  last: measured,
  /** The best epoch so far, its metrics, and how many evaluations since were not better. */
  best: z
    .object({
      epoch: z.number(),
      metric: z.string(),
      value: z.number(),
      since: z.number(),
      metrics: measured,
    })
    .optional(),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(z.int().min(0)), offset: z.int().min(0) })),
  bytes: z.int().min(0),
  sha256: z.string(),
});

type Header = z.infer<typeof headerSchema>;

/** Where a run stands, beside its tensors. */
export type Progress = Omit<Header, 'format' | 'version' | 'tensors' | 'bytes' | 'sha256'>;

export interface Checkpoint extends Progress {
  readonly path: string;
  /** The caller's to dispose of. */
  readonly state: State;
}

/** Writes a checkpoint; refuses a state that holds NaN or infinity, so that the last good file stays. */
export async function saveCheckpoint(file: string, state: State, progress: Progress): Promise<void> {
  const tensors: Header['tensors'] = [];
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (const [name, tensor] of Object.entries(flatten(state))) {
    const values = (await tensor.data()) as Float32Array;
    if (!values.every(Number.isFinite)) {
      throw new RxaugError(
        `checkpoint: expected finite numbers in ${name} but training has diverged; lower learningRate`,
      );
    }
    tensors.push({ name, shape: tensor.shape, offset: bytes });
    chunks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    bytes += values.byteLength;
  }
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  const header: Header = {
    format: 'rxaug-checkpoint',
    version: 1,
    ...progress,
    tensors,
    bytes,
    sha256: digest.digest('hex'),
  };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(Math.ceil((MAGIC.length + 4 + json.length) / ALIGN) * ALIGN);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(json.length, MAGIC.length);
  json.copy(prefix, MAGIC.length + 4);
  await writeSafely(file, [prefix, ...chunks]);
}

/** Reads a checkpoint and makes its tensors; anything wrong with the file is one sentence. */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  const bytes = await readFile(file).catch((error) => {
    throw new RxaugError(`checkpoint ${file}: cannot be read (${messageOf(error)}); check the path`);
  });
  const { header, data } = parse(file, bytes);
  const entries = header.tensors.map(({ name, shape, offset }): [string, Float32Array, number[]] => {
    const size = tf.util.sizeFromShape(shape);
    if (offset + 4 * size > data.byteLength || !/^(params|stats|slots)\//.test(name)) throw damaged(file);
    // A copy: the tensor may live long after the file's bytes.
    return [
      name,
      new Float32Array(data.buffer.slice(data.byteOffset + offset, data.byteOffset + offset + 4 * size)),
      shape,
    ];
  });
  const state = unflatten(
    Object.fromEntries(entries.map(([name, values, shape]) => [name, tf.tensor(values, shape)])),
  );
  const { format: _, version: __, tensors: ___, bytes: ____, sha256: _____, ...progress } = header;
  return { ...progress, path: file, state };
}

function parse(file: string, bytes: Buffer): { header: Header; data: Buffer } {
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC || bytes.length < MAGIC.length + 4) {
    throw new RxaugError(`checkpoint ${file}: is not a checkpoint of rxaug; give the path of a .ckpt file`);
  }
  const length = bytes.readUInt32LE(MAGIC.length);
  if (length > LARGEST_HEADER || MAGIC.length + 4 + length > bytes.length) throw damaged(file);
  let json: unknown;
  try {
    json = JSON.parse(bytes.subarray(MAGIC.length + 4, MAGIC.length + 4 + length).toString());
  } catch {
    throw damaged(file);
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) {
    const { version } = (json ?? {}) as { version?: unknown };
    if (typeof version === 'number' && version !== 1) {
      throw new RxaugError(
        `checkpoint ${file}: has version ${version} but this rxaug reads 1; use the rxaug that wrote it`,
      );
    }
    throw damaged(file);
  }
  const header = parsed.data;
  const start = Math.ceil((MAGIC.length + 4 + length) / ALIGN) * ALIGN;
  const data = bytes.subarray(start, start + header.bytes);
  const whole =
    data.length === header.bytes &&
    bytes.length === start + header.bytes &&
    createHash('sha256').update(data).digest('hex') === header.sha256;
  if (!whole) throw damaged(file);
  return { header, data };
}

function damaged(file: string): RxaugError {
  return new RxaugError(`checkpoint ${file}: is damaged or cut short; use an older checkpoint`);
}
