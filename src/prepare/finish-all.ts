/** Publishes the manifest of a plan whose shards were rendered elsewhere. */
import { rmSync } from 'node:fs';
import { RxaugError } from '../core/index.js';
import { openStore } from '../io/store/open-store.js';
import { formatNamed } from '../io/write/formats.js';
import { type Done, isDone } from './commit.js';
import { finish } from './finish/finish.js';
import type { Manifest } from './finish/manifest.js';
import { clearStaging, isLocal, localWork, stagingIn } from './places.js';
import { shardName } from './plan/plan.js';
import type { PrepareEvents } from './processes.js';
import { readPlan } from './work.js';

/** @throws RxaugError that names shards that are missing */
export async function finishAll(
  out: string,
  { status, notice }: Pick<PrepareEvents, 'status' | 'notice'>,
  signal: AbortSignal,
): Promise<Manifest> {
  const store = await openStore(out);
  const staging = stagingIn(localWork(out));
  try {
    const plan = await readPlan(store);
    const done: Done[] = [];
    const missing: string[] = [];
    for (const [i, shard] of plan.shards.entries()) {
      signal.throwIfAborted();
      const mark = await isDone(store, plan, shard);
      if (mark) done.push(mark);
      else missing.push(shardName(shard));
      status(
        `${i + 1} of ${plan.shards.length} shards looked for, ${missing.length} missing`,
        (i + 1) / plan.shards.length,
      );
    }
    if (missing.length > 0)
      throw new RxaugError(
        `finish: ${missing.length} of ${plan.shards.length} shards are missing (${missing.slice(0, 8).join(', ')}${missing.length > 8 ? ', …' : ''}); render them by rxaug prepare ${out} --shard i/n, or continue with --resume`,
      );
    const format = formatNamed(plan.rules.format);
    const { left } = await store.tidy(done.flatMap(({ files }) => files));
    if (left) notice(left);
    const manifest = await finish({ plan, done, store, staging, format, status });
    // What jobs that were killed have left.
    if (isLocal(out)) clearStaging(localWork(out));
    return manifest;
  } finally {
    rmSync(staging, { recursive: true, force: true });
    store.dispose();
  }
}
