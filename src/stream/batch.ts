import { availableParallelism } from 'node:os';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions, type Sample } from '../core/index.js';
import { expectItems } from '../core/order.js';
import { decoderSchema } from '../io/decode/decode.js';
import { MOST_BYTES } from './batch-shape.js';
import { BatchStream } from './batch-stream.js';

/** Samples in a batch. */
const size = z.int().min(1).max(65536);

const batchOptions = z.strictObject({
  /** float32 in [0, 1] or normalized, or uint8. */
  dtype: z.enum(['float32', 'uint8']).default('float32'),
  layout: z.enum(['HWC', 'CHW']).default('HWC'),
  /** Leave out an incomplete batch at the end of an epoch. */
  dropLast: z.boolean().default(false),
  /** Worker threads; 0 renders on the calling thread, same bytes. Default one less than there are cores, at least 1. */
  workers: z.int().min(0).max(256).optional(),
  /** Most batches in progress: the bound on memory. Default 3. */
  prefetch: z.int().min(1).max(1024).default(3),
  /** A sample that cannot be rendered is left out and counted ('skip', the default), or ends the stream ('fail'). */
  onBadSample: z.enum(['skip', 'fail']).default('skip'),
  /** Share of such samples above which the stream fails. Default 0.01. */
  maxBad: z.number().min(0).max(1).default(0.01),
  /** URLs of modules with transforms of your own, loaded in every worker. They are trusted: they run as code. */
  modules: z.array(z.string()).default([]),
  /** Limits on images: pixels, bytes, seconds. */
  decoder: decoderSchema.prefault({}),
  /** Seconds at one sample after which a worker is replaced. Default 60. */
  hangSeconds: z.number().positive().default(60),
  /** Most bytes of one batch, up to 4 GiB, checked before memory is allocated: the sizes in files are not trusted. Default 2 GiB. */
  maxBatchBytes: z.int().min(1).max(MOST_BYTES).default(2_147_483_648),
});
/** Options of `batch()`; every one has a default. */
export type BatchOptions = z.input<typeof batchOptions>;

/** Worker threads unless `workers` is given: one less than there are cores, at least 1. */
export const defaultWorkers = (): number => Math.max(1, availableParallelism() - 1);

/**
 * Gathers samples into rendered batches: images [B, H, W, 3], or [B, 3, H, W] with `layout: 'CHW'`, as float32 in [0, 1]
 * (or normalized) or uint8 0..255. Worker threads decode each image once and render its recipe directly into the memory
 * of the batch. All images of a batch must have the same size: crop or resize before.
 *
 * Call `dispose()` on a batch when it is no longer needed: its memory is then reused. The bytes do not depend on the
 * number of workers. An incomplete batch at the end of an epoch is kept unless `dropLast` is set.
 *
 * @param size_ samples per batch, 1..65536
 * @param options see `BatchOptions`: `workers` (default cores − 1, at least 1; 0 renders on this thread), `dtype`,
 * `layout`, `prefetch` (default 3 batches), `onBadSample` (default 'skip'), `maxBad` (default 0.01 of the samples),
 * `decoder`, `hangSeconds` (default 60), `maxBatchBytes` (default 2 GiB)
 * @throws UsageError for bad options, in the call, or if it stands behind another `batch`; the stream fails with
 * RxaugError if images differ in size, a batch is too large, or more than `maxBad` of the samples cannot be rendered
 *
 * @example
 * const batches$ = imageFolder('photos').pipe(horizontalFlip(), batch(4, { dtype: 'uint8' }));
 * for await (const b of pull(batches$)) {
 *   console.log(b.size, b.images.length === b.size * b.height * b.width * 3);
 *   b.dispose();
 * }
 * // → 4 true
 * // → 4 true
 */
export function batch(
  size_: number,
  options: BatchOptions = {},
): (samples: Observable<Sample>) => BatchStream {
  const settings = parseOptions('batch', batchOptions, options);
  const count = parseOptions('batch: size', size, size_);
  const workers = settings.workers ?? defaultWorkers();
  return (samples) => {
    expectItems('batch', 'samples', samples);
    return new BatchStream(samples, { ...settings, size: count, workers });
  };
}
