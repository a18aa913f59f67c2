/** What a preparation is given to work with: processes, and who hears of its progress. */
import type { Pool } from '../core/children/pool.js';
import type { PrepareInit, PrepareResult, PrepareTask } from './work.js';

/** Numbers of a preparation by name: `samples`, `shards`, `refused`, `images`, `bytes`. */
export type Counts = Readonly<Record<string, number>>;

/** What a preparation tells while it runs. */
export interface PrepareEvents {
  /** `share` of the current part, in [0, 1]. */
  /** `counts` are the numbers in the line, by name, for other programs. */
  status(line: string, share: number, counts?: Counts): void;
  notice(sentence: string): void;
}

export interface Processes {
  readonly pool: (init: PrepareInit) => Pool<PrepareTask, PrepareResult>;
  /** Single processes with a cap of memory, for samples that may end them. */
  readonly isolated: (init: PrepareInit) => Pool<PrepareTask, PrepareResult>;
}
