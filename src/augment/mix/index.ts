import { Registry } from '../../core/index.js';
import type { BatchOp } from './batch-transform.js';
import { cutmixTransform } from './cutmix.js';
import { mixupTransform } from './mixup.js';

export * from './batch-transform.js';
export * from './cutmix.js';
export * from './mix-one-of.js';
export * from './mixup.js';

/** Every batch op of the house. */
export const batchOps = (): Registry<BatchOp> =>
  new Registry('batch operator', [mixupTransform.op, cutmixTransform.op]);
