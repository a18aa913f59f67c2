/** Ends the processes of models once a scan is over: shards are rendered without them. */
import type { Pool } from '../../core/children/pool.js';
import type { Scorer } from '../score/scoring.js';
import type { PrepareResult, PrepareTask } from '../work.js';

export async function endScan(
  pool: Pool<PrepareTask, PrepareResult>,
  scorers: readonly Scorer[],
): Promise<void> {
  if (scorers.length === 0) return;
  const all = Array.from({ length: pool.workers }, (_, slot) =>
    pool.run({ kind: 'scanned' }, { name: 'the end of the scan', slot }),
  );
  // What fails here failed in the scan, which says so; models end with the process that has them.
  await Promise.allSettled(all);
}
