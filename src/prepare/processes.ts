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

/** Megabytes of memory that a process may hold, unless `--memory` says otherwise. */
export const MEMORY = 4096;

/** Makes processes, each of which may hold so many megabytes of memory. */
export type MakePool = (init: PrepareInit, memory: number) => Pool<PrepareTask, PrepareResult>;

export interface Processes {
  readonly pool: MakePool;
  /** Single processes, for samples that may end them. */
  readonly isolated: MakePool;
}
