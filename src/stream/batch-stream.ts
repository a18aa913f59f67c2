/**
 * Operators over batches. Directly behind `batch` they become part of the rendering and run in the workers; with
 * an RxJS operator between, on the main thread. The bytes are the same.
 */
import { map, Observable, type OperatorFunction } from 'rxjs';
import {
  type BoundBatchTransform,
  batchCutoutTransform,
  cutmixTransform,
  fmixTransform,
  mixOneOfTransform,
  mixupTransform,
  mosaicTransform,
  resizeMixTransform,
  samplePairingTransform,
} from '../augment/index.js';
import type { Batch, Sample } from '../core/index.js';
import { linked } from '../core/lineage.js';
import { expectItems, wrongItem } from '../core/order.js';
import type { BatchSettings } from './batch-settings.js';
import { Batcher } from './batcher.js';
import { demandOf } from './demand.js';
import { mixBatch, opsOf } from './mix/mixing.js';

/** The stream that `batch` gives. */
export class BatchStream extends Observable<Batch> {
  constructor(
    private readonly samples: Observable<Sample>,
    private readonly settings: BatchSettings,
    private readonly transforms: readonly BoundBatchTransform[] = [],
  ) {
    super((subscriber) =>
      new Batcher(samples, settings, transforms, subscriber, demandOf(subscriber)).begin(),
    );
    linked(this, { from: samples, batch: transforms, gives: 'batches', decoder: { ...settings.decoder } });
  }

  /** The same stream with other settings. */
  with(settings: Partial<BatchSettings>): BatchStream {
    return new BatchStream(this.samples, { ...this.settings, ...settings }, this.transforms);
  }

  /** The same stream with one more transform rendered into its batches. */
  mixed(transform: BoundBatchTransform): BatchStream {
    return new BatchStream(this.samples, this.settings, [...this.transforms, transform]);
  }
}

/** An operator over batches, such as `mixup()`: a part of `pipe` and of `mixOneOf`. */
export interface BatchOperator extends OperatorFunction<Batch, Batch> {
  readonly transform: BoundBatchTransform;
}

/**
 * A batch transform as an operator over batches. Directly behind `batch` the workers do the work, elsewhere this
 * thread; the bytes are the same.
 *
 * @example
 * const grayLevel = defineBatchTransform({
 *   name: 'grayLevel',
 *   options: z.strictObject({}),
 *   params: z.strictObject({}),
 *   draw: () => ({}),
 *   apply: (_, { data }) => void data.fill(127),
 *   targets: () => undefined,
 * });
 * asBatchOperator(grayLevel())
 */
export function asBatchOperator(transform: BoundBatchTransform): BatchOperator {
  const ops = opsOf([transform]);
  const mix = (batch: Batch) => {
    if (batch?.images === undefined) throw wrongItem(transform.name, 'batches');
    return mixBatch(batch, transform, ops);
  };
  const operator: OperatorFunction<Batch, Batch> = (source) => {
    if (source instanceof BatchStream) return source.mixed(transform);
    expectItems(transform.name, 'batches', source);
    return linked(source.pipe(map(mix)), { from: source, batch: [transform] });
  };
  return Object.assign(operator, { transform });
}

/** The factory of operators that belongs to a factory of batch transforms. */
const batchOperator =
  <O>(bind: (options?: O) => BoundBatchTransform) =>
  (options?: O): BatchOperator =>
    asBatchOperator(bind(options));

/**
 * Blends pairs of images and their labels: x̃ = λ·xᵢ + (1 − λ)·xⱼ with λ ~ Beta(α, α), and the same of the labels,
 * which become distributions (Zhang et al., "mixup: Beyond empirical risk minimization", 2018). With an odd
 * number of rows one stays as it is.
 *
 * Options: `alpha` (default 0.2; `mixup(0.4)` is exactly that, a schedule works, 0 mixes nothing), `p` (default 1), the
 * probability of mixing a batch, and `granularity`: one λ per `'batch'` (default) or per `'pair'`. Boxes of both
 * images are kept, each with the share of its image as weight; masks and keypoints are refused.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), mixup(0.4))
 */
export const mixup = batchOperator(mixupTransform);

/**
 * Swaps a rectangle within pairs of images; labels mix by area (Yun et al., "CutMix", 2019). The box covers 1 − λ of
 * the image with λ ~ Beta(α, α), is centered anywhere and clipped; λ is then computed from what is left.
 *
 * Options: `alpha` (default 1; `cutmix(0.5)` is exactly that, a schedule works, 0 mixes nothing) and `p` (default 1), the
 * probability of mixing a batch. Masks, boxes and keypoints move with the pixels.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), cutmix())
 */
export const cutmix = batchOperator(cutmixTransform);

/**
 * Swaps areas of any shape within pairs of images; labels mix by area (Harris et al., "FMix: Enhancing mixed sample
 * data augmentation", 2020). The mask is noise whose Fourier amplitudes fall as 1/f^decay, cut at the level that leaves a
 * share λ ~ Beta(α, α).
 *
 * Options: `alpha` (default 1; `fmix(0.5)` is exactly that, a schedule works, 0 mixes nothing), `decay` (default 3; larger
 * is smoother) and `p` (default 1), the probability of mixing a batch. Masks, boxes and keypoints move with the pixels.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), fmix({ decay: 2 }))
 */
export const fmix = batchOperator(fmixTransform);

/**
 * Averages pairs of images and keeps each label (Inoue, "Data augmentation by pairing samples for images
 * classification", 2018).
 *
 * Option: `p` (default 0.5), the probability of mixing a batch. Batches with masks, boxes or keypoints are refused.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), samplePairing())
 */
export const samplePairing = batchOperator(samplePairingTransform);

/**
 * Puts four images together around a random point; labels mix by area (Bochkovskiy et al., "YOLOv4", 2020). Each image
 * shows the corner that meets the point. Rows are grouped by four; a remainder of up to three stays as it is.
 *
 * Options: `center` (default [0.25, 0.75]), where the point lies as a share of each side, and `p` (default 1), the
 * probability of mixing a batch. Masks, boxes and keypoints move with the pixels.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), mosaic())
 */
export const mosaic = batchOperator(mosaicTransform);

/**
 * Pastes a small copy of one image of a pair into the other; labels mix by area (Qin et al., "ResizeMix", 2020).
 *
 * Options: `scale` (default [0.1, 0.8]), the side of the copy as a share of the image's, and `p` (default 1), the
 * probability of mixing a batch. Masks, boxes and keypoints move with the pixels.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), resizeMix({ scale: [0.2, 0.6] }))
 */
export const resizeMix = batchOperator(resizeMixTransform);

/**
 * Covers the same square of every image of a batch; labels stay (Cutout; DeVries and Taylor, 2017, drawn once per
 * batch). Cheaper than one draw per sample, and harder.
 *
 * Options: `size` (default 16 pixels; `batchCutout(8)` is exactly that, a schedule works) or `{ share }` of the shorter
 * side, `fill` in the units of the batch (default 0), and `p` (default 1).
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(batch(64), batchCutout(8))
 */
export const batchCutout = batchOperator(batchCutoutTransform);

/**
 * Applies one of several batch operators, chosen with equal probability for each batch: timm's switch between mixup and
 * CutMix.
 *
 * @throws {UsageError} if none is given
 * @example webdataset('train-*.tar').pipe(batch(64), mixOneOf(mixup(0.2), cutmix()))
 */
export const mixOneOf = (...operators: BatchOperator[]): BatchOperator =>
  asBatchOperator(mixOneOfTransform(operators.map(({ transform }) => transform)));
