import { Draws, fold, UsageError } from '../../core/index.js';
import type { BoundBatchTransform } from './batch-transform.js';

/** One of several batch transforms, chosen for each batch (timm's switch between Mixup and CutMix). */
export function mixOneOfTransform(inner: readonly BoundBatchTransform[]): BoundBatchTransform {
  if (inner.length === 0)
    throw new UsageError('mixOneOf: expected at least one batch transform but received none');
  return {
    name: 'mixOneOf',
    options: { of: inner.map(({ name, options }) => ({ op: name, options })) },
    ops: inner.flatMap(({ ops }) => ops),
    draw(key, context) {
      const chosen = new Draws(key).int(inner.length);
      return (inner[chosen] as BoundBatchTransform).draw(fold(key, chosen + 1), context);
    },
  };
}
