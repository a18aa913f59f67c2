/** The stream that `batch` gives: batch transforms right behind it become part of the rendering. */
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
import { Assembly } from './batcher.js';
import { demandOf } from './demand.js';
import { mixBatch, opsOf } from './mix/mixing.js';

export class BatchStream extends Observable<Batch> {
  constructor(
    private readonly samples: Observable<Sample>,
    private readonly settings: BatchSettings,
    private readonly transforms: readonly BoundBatchTransform[] = [],
  ) {
    super((subscriber) =>
      new Assembly(samples, settings, transforms, subscriber, demandOf(subscriber)).begin(),
    );
    linked(this, { from: samples, batch: transforms, gives: 'batches' });
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

export interface BatchOperator extends OperatorFunction<Batch, Batch> {
  readonly transform: BoundBatchTransform;
}

/** Behind `batch` the work is done by the workers, elsewhere on this thread; the bytes are the same. */
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

/** Blends pairs of images and their labels; see `augment/mix/mixup.ts`. */
export const mixup = (options?: Parameters<typeof mixupTransform>[0]) =>
  asBatchOperator(mixupTransform(options));

/** Swaps a rectangle within pairs; see `augment/mix/cutmix.ts`. */
export const cutmix = (options?: Parameters<typeof cutmixTransform>[0]) =>
  asBatchOperator(cutmixTransform(options));

/** Swaps blobs of any shape within pairs; see `augment/mix/fmix.ts`. */
export const fmix = (options?: Parameters<typeof fmixTransform>[0]) =>
  asBatchOperator(fmixTransform(options));

/** Averages pairs and keeps the labels; see `augment/mix/sample-pairing.ts`. */
export const samplePairing = (options?: Parameters<typeof samplePairingTransform>[0]) =>
  asBatchOperator(samplePairingTransform(options));

/** Puts four images together around a point; see `augment/mix/mosaic.ts`. */
export const mosaic = (options?: Parameters<typeof mosaicTransform>[0]) =>
  asBatchOperator(mosaicTransform(options));

/** Pastes a small copy of the partner; see `augment/mix/resize-mix.ts`. */
export const resizeMix = (options?: Parameters<typeof resizeMixTransform>[0]) =>
  asBatchOperator(resizeMixTransform(options));

/** Covers the same square of every image; see `augment/mix/batch-cutout.ts`. */
export const batchCutout = (options?: Parameters<typeof batchCutoutTransform>[0]) =>
  asBatchOperator(batchCutoutTransform(options));

/** One of several batch operators, chosen anew for each batch. */
export const mixOneOf = (...operators: BatchOperator[]) =>
  asBatchOperator(mixOneOfTransform(operators.map(({ transform }) => transform)));
