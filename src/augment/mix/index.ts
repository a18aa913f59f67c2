import { Registry } from '../../core/index.js';
import type { BatchOp } from '../transform/op.js';
import { batchCutoutTransform } from './batch-cutout.js';
import { cutmixTransform } from './cutmix.js';
import { fmixTransform } from './fmix.js';
import { mixupTransform } from './mixup.js';
import { mosaicTransform } from './mosaic.js';
import { resizeMixTransform } from './resize-mix.js';
import { samplePairingTransform } from './sample-pairing.js';

export * from './batch-cutout.js';
export * from './batch-transform.js';
export * from './cutmix.js';
export * from './fmix.js';
export * from './mix-layers.js';
export * from './mix-one-of.js';
export * from './mixup.js';
export * from './mosaic.js';
export * from './resize-mix.js';
export * from './sample-pairing.js';

/** Every built-in batch transform. */
export const BATCH_TRANSFORMS = [
  batchCutoutTransform,
  cutmixTransform,
  fmixTransform,
  mixupTransform,
  mosaicTransform,
  resizeMixTransform,
  samplePairingTransform,
] as const;

/** The ops that a batch's recipe may hold. */
export const batchOps = (): Registry<BatchOp> =>
  new Registry(
    'batch operator',
    BATCH_TRANSFORMS.map(({ op }) => op),
  );
