/** Resolved `batch()` options. */
import type { Dtype, Layout } from '../core/index.js';
import type { DecoderOptions } from '../io/decode/decode.js';

export interface BatchSettings {
  readonly size: number;
  readonly dtype: Dtype;
  readonly layout: Layout;
  readonly dropLast: boolean;
  readonly workers: number;
  readonly prefetch: number;
  readonly onBadSample: 'skip' | 'fail';
  readonly maxBad: number;
  readonly modules: readonly string[];
  readonly decoder: DecoderOptions;
  readonly hangSeconds: number;
  readonly maxBatchBytes: number;
}
