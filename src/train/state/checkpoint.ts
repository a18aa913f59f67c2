/**
 * A checkpoint is one file: a JSON header that says what was trained and where the run stands, and the tensors of its
 * state; see checkpoint-bytes.ts for the bytes. It is written under a temporary name, synced and renamed, so that at
 * every moment the old file or the new one is whole.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fileReason } from '../../core/files/file-errors.js';
import { writeSafely } from '../../core/files/write-file.js';
import { RxaugError, schemaFault } from '../../core/index.js';
import { fromJson, toJson } from '../../core/json.js';
import { tf } from '../../graph/tf.js';
import { preprocessingSchema } from '../../stream/preprocessing.js';
import { fedSchema } from '../loop/data-identity.js';
import { damaged, packed, unpacked } from './checkpoint-bytes.js';
import { DivergedError } from './diverged.js';
import { flatten, type State, unflatten } from './tensors.js';

/** A metric may be NaN or infinite; `toJson` keeps that. */
const figure = z.custom<number>((value) => typeof value === 'number');
const metrics = z.record(z.string(), figure);
const count = z.int().min(0);

const measured = z.strictObject({
  train: metrics.optional(),
  clean: metrics.optional(),
  validation: metrics.optional(),
});
/** Metrics of an epoch by the set that they were measured on. */
export type Measured = z.infer<typeof measured>;

const headerSchema = z.strictObject({
  /** What was trained: `Task.identity`. */
  identity: z.record(z.string(), z.unknown()),
  /**
   * `Task.options`, which shape the training too: resumed with other ones, a training names the difference. Absent in older
   * checkpoints.
   */
  options: z.record(z.string(), z.unknown()).optional(),
  /** What the images were like: `Task.look`. */
  look: z.strictObject({ input: z.array(z.int().min(1)).min(1), classes: z.array(z.string()) }),
  /** What images go through before the model sees them; absent in checkpoints of rxaug 0.1. */
  preprocessing: preprocessingSchema.optional(),
  seed: count,
  step: count,
  /** Of the last step. */
  learningRate: z.number().min(0),
  /** The next batch to be trained: see `Position`. */
  position: z.strictObject({
    epoch: count,
    batch: count,
    sample: count.optional(),
    digest: z.string().optional(),
  }),
  /** The data sets, batches and epochs of the training. */
  fed: fedSchema.optional(),
  /** Sums over the part of the epoch that is done. */
  totals: z.strictObject({ samples: count, sums: metrics }),
  /** Metrics of the last complete epoch. */
  last: measured,
  /** The best epoch so far, its metrics, and how many evaluations since were not better. */
  best: z
    .strictObject({ epoch: count, metric: z.string(), value: figure, since: count, metrics: measured })
    .optional(),
  /** In the order of their numbers, which follow each other without a gap. */
  tensors: z
    .array(z.strictObject({ name: z.string().regex(/^(params|stats|slots)\/./), shape: z.array(count) }))
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two tensors have one name'),
});

type Header = z.infer<typeof headerSchema>;

/** Where a run stands, besides its tensors. */
export type Progress = Omit<Header, 'tensors'>;

/** A checkpoint that was read: what was trained, where training stood, and its tensors. */
export interface Checkpoint extends Progress {
  readonly path: string;
  /** The caller's to dispose of. */
  readonly state: State;
}

/**
 * Writes a state and where its training stands as one file; `train` does this where `checkpoint` is given. The file is
 * written under a temporary name, synced and renamed: at every moment the old file or the new one is whole.
 *
 * @throws RxaugError if a number is not finite (the last good file stays), or the file cannot be written
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * (await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu', checkpoint: { dir: 'run' } })).dispose();
 * const { path, state, ...progress } = await loadCheckpoint('run/last.ckpt');
 * await saveCheckpoint('copy.ckpt', state, progress);
 */
export async function saveCheckpoint(file: string, state: State, progress: Progress): Promise<void> {
  const tensors: Header['tensors'] = [];
  const chunks: Uint8Array[] = [];
  for (const [name, tensor] of Object.entries(flatten(state))) {
    const values = (await tensor.data()) as Float32Array;
    if (!values.every(Number.isFinite)) {
      throw new DivergedError(
        `checkpoint: expected finite numbers in ${name} but training has diverged; lower learningRate`,
      );
    }
    tensors.push({ name, shape: tensor.shape });
    chunks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  const header: Header = { ...progress, tensors };
  await writeSafely(file, packed(toJson(header), chunks), {
    what: `checkpoint ${file}`,
    afterwards: existsSync(file) ? 'resume from this file, which still holds the last good state' : undefined,
  });
}

/**
 * Reads a checkpoint as it is: its tensors, what was trained, and where training stood. Use `load` for the model in it. The
 * tensors of `state` belong to you.
 *
 * @throws RxaugError where the file cannot be read, is damaged, or was written by another version
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * (await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu', checkpoint: { dir: 'run' } })).dispose();
 * const { step, identity } = await loadCheckpoint('run/last.ckpt');
 * console.log(step, identity.task); // → 2 classification
 */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  const bytes = await readFile(file).catch((error) => {
    throw new RxaugError(`checkpoint ${file}: cannot be read (${fileReason(error)}); check the path`);
  });
  const { header, data } = unpacked(file, bytes);
  const { tensors, ...progress } = parse(file, header);
  const sizes = tensors.map(({ shape }) => 4 * tf.util.sizeFromShape(shape));
  if (sizes.reduce((sum, size) => sum + size, 0) !== data.byteLength) throw damaged(file);
  const arrays = new Map<string, { values: Float32Array; shape: number[] }>();
  let at = data.byteOffset;
  tensors.forEach(({ name, shape }, i) => {
    // A copy: the tensor may live long after the file's bytes.
    const values = new Float32Array(data.buffer.slice(at, at + sizes[i]));
    if (!values.every(Number.isFinite)) {
      throw new RxaugError(
        `checkpoint ${file}: holds a number that is not finite in ${name}; use an older checkpoint`,
      );
    }
    arrays.set(name, { values, shape });
    at += sizes[i];
  });
  const made = [...arrays].map(([name, { values, shape }]) => [name, tf.tensor(values, shape)]);
  return { ...progress, path: file, state: unflatten(Object.fromEntries(made)) };
}

/** The checksum is correct, so unexpected contents come from another program or another version of rxaug. */
function parse(file: string, text: string): Header {
  let json: unknown;
  try {
    json = fromJson(text);
  } catch {
    throw damaged(file);
  }
  const parsed = headerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RxaugError(
    `checkpoint ${file}: its header is not one of this rxaug (${schemaFault('header', headerSchema, json)}); use the rxaug that wrote it`,
  );
}
