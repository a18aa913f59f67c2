/**
 * Gathers samples into rendered batches: each image is decoded once and its recipe rendered by worker
 * threads straight into memory that the trainer reads.
 */
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
  /** Batches under way at most: the bound on memory. */
  prefetch: z.int().min(1).max(1024).default(3),
  /** A sample that cannot be rendered is left out and counted, or ends the stream. */
  onBadSample: z.enum(['skip', 'fail']).default('skip'),
  /** The share of such samples from which on the stream ends. */
  maxBad: z.number().min(0).max(1).default(0.01),
  /** URLs of modules with operators of your own, loaded in every worker. They are trusted: they run as code. */
  modules: z.array(z.string()).default([]),
  /** Limits on images: pixels, bytes, seconds. */
  decoder: decoderSchema.prefault({}),
  /** A worker that stays at one sample for so many seconds is replaced. */
  hangSeconds: z.number().positive().default(60),
  /** Bytes of one batch at most, up to 4 GiB, checked before memory is taken: what a file claims is not trusted. */
  maxBatchBytes: z.int().min(1).max(MOST_BYTES).default(2_147_483_648),
});
export type BatchOptions = z.input<typeof batchOptions>;

export const defaultWorkers = (): number => Math.max(1, availableParallelism() - 1);

/** `samples.pipe(batch(128))`: a stream of rendered batches, [B, H, W, 3]. */
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
