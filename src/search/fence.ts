/** Results are written only while the folder is ours. */
import type { FolderLock } from '../core/files/folder-lock.js';
import { RxaugError } from '../core/index.js';
import { type RunStore, runStore } from '../report/index.js';

/** Called before each result is written; throws once the folder is another's. */
export type Fence = () => void;

export const fenceOf =
  (lock: FolderLock, dir: string): Fence =>
  () => {
    if (!lock.isStillOurs())
      throw new RxaugError(
        `search: ${dir}: expected to be the only one who writes there but the lock was removed; end the other process, then continue with --resume`,
      );
  };

/** A `runStore` behind a fence. */
export function fencedStore(dir: string, fence: Fence): RunStore {
  const store = runStore(dir);
  return {
    finished: store.finished,
    begin(...given) {
      fence();
      return store.begin(...given);
    },
    finish(...given) {
      fence();
      store.finish(...given);
    },
    write(...given) {
      fence();
      return store.write(...given);
    },
  };
}
