/** Rendered batches. */
import type { Key } from './random.js';
import type { Origin, Recipe, Sample } from './sample.js';
import type { MovedTargets } from './targets.js';

/** The type of a batch's pixels: 'uint8' in 0..255, or 'float32' in [0, 1] or normalized. */
export type Dtype = 'uint8' | 'float32';
/** The order of a batch's values: 'HWC' [B, H, W, C] or 'CHW' [B, C, H, W]. */
export type Layout = 'HWC' | 'CHW';

/** A sample that was left out, and why. */
export interface BadSample {
  readonly id: string;
  readonly reason: string;
}

/** Milliseconds of worker time spent on a batch. */
export interface Timings {
  readonly decode: number;
  readonly render: number;
  readonly mix: number;
}

/**
 * Where a batch lies in its epoch, in samples that reached `batch()`, including those that could not be rendered.
 * A trainer saves `to` and continues from there, whatever size batches have then.
 */
export interface Place {
  /** Samples of the epoch before the first of this batch. */
  readonly from: number;
  /** Samples of the epoch up to the last of this batch. */
  readonly to: number;
  /** 64 bits, as hexadecimal digits, of the ids of all samples up to `to`, in their order. */
  readonly digest: string;
}

/** Settings of `batch()` that decide which samples go together. */
export interface Gathering {
  readonly size: number;
  readonly dropLast: boolean;
}

/**
 * A rendered batch: pixels in (shared) memory, labels, targets, and the sample and recipe of every row. Its memory
 * is reused: call `dispose()` when you are done with it (trainers do).
 */
export interface Batch {
  /** Position in its epoch, from 0. */
  readonly index: number;
  readonly epoch: number;
  readonly progress: number;
  readonly place: Place;
  readonly gathering: Gathering;
  /** B: rows that hold a sample. */
  readonly size: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly dtype: Dtype;
  readonly layout: Layout;
  /** [B, H, W, C] or [B, C, H, W]. float32 in [0, 1], or normalized; uint8 in 0..255. */
  readonly images: Uint8Array | Float32Array;
  /** [B] class indices; for a mixed row the class of its first image. */
  readonly labels: Int32Array;
  /** [B, K] distributions over the classes; present when a label is soft or rows were mixed. */
  readonly soft?: Float32Array;
  /**
   * [B, H, W] ids by pixel of each mask by its name (`mask` where it has none); present when samples have masks.
   * Uint16Array where a mask asks for 16 bits; rows without the mask hold its `ignore`.
   */
  readonly masks?: Readonly<Record<string, Uint8Array | Uint16Array>>;
  /** Boxes and keypoints of each row, moved with its pixels; present when samples have targets. */
  readonly targets?: readonly MovedTargets[];
  readonly samples: readonly Sample[];
  /** Draws of operators that act on the whole batch (mixup, cutmix). */
  readonly recipe: Recipe;
  /** How many batch operators have seen this batch: the position of the next one. */
  readonly mixes: number;
  readonly origin: Origin;
  /** Boxes that made no sense and were left out, though their samples are here: see `Boxes.onBadBox`. */
  readonly refused?: readonly BadSample[];
  /** Samples that belong here but could not be rendered; `size` is smaller by as many. */
  readonly bad: readonly BadSample[];
  readonly timings: Timings;
  /** hash(seed, epoch, batch): what batch operators draw from. */
  readonly key: Key;
  /** Gives the memory back; the pixels must not be read afterwards. Safe to call twice. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * [B, K]: the soft targets of a batch, or its labels one-hot.
 *
 * @example softTargets({ size: 1, labels: Int32Array.of(1), origin: { name: 'x', classes: ['a', 'b'], seed: 0 } })[1] // → 1
 */
export function softTargets(batch: Pick<Batch, 'size' | 'labels' | 'soft' | 'origin'>): Float32Array {
  if (batch.soft) return batch.soft;
  const classes = batch.origin.classes.length;
  const soft = new Float32Array(batch.size * classes);
  for (let i = 0; i < batch.size; i++) soft[i * classes + (batch.labels[i] as number)] = 1;
  return soft;
}
