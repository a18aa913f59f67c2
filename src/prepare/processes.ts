/** What a preparation is given to work with: processes, and who hears of its progress. */
import type { Pool } from '../core/children/pool.js';
import type { PrepareInit, PrepareResult, PrepareTask } from './work.js';

/** What a preparation tells while it runs. */
export interface PrepareEvents {
  /** `share` of the current part, in [0, 1]. */
  status(line: string, share: number): void;
  notice(sentence: string): void;
}

export interface Processes {
  readonly pool: (init: PrepareInit) => Pool<PrepareTask, PrepareResult>;
  /** Single processes with a cap of memory, for samples that may end them. */
  readonly isolated: (init: PrepareInit) => Pool<PrepareTask, PrepareResult>;
}
