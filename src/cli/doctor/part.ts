/** A line of `rxaug doctor`. */
import type { PjrtInfo } from '../../graph/index.js';
import type { Adapter } from '../../train/backends/index.js';

/** A part: its version and details if it is available, else the reason and the fix. */
export interface Part {
  readonly name: string;
  readonly available: boolean;
  readonly version?: string;
  readonly detail?: string;
  readonly why?: string;
  readonly fix?: string;
  /** What WebGPU computes on. */
  readonly adapter?: Adapter;
  /** What a plugin of XLA is. */
  readonly pjrt?: PjrtInfo;
}
