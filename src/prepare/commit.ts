/**
 * A shard is finished when its last file is there: first those of the shard under their final names, then the mark that
 * lists them. A process that is killed in between leaves files that the next one finds to be the same.
 */

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { faultPoint } from '../core/fault-point.js';
import { RxaugError } from '../core/index.js';
import type { Store } from '../io/store/store.js';
import type { FinishedShard } from '../io/write/output.js';
import { doneFile, type Plan, type PlanShard, shardName } from './plan/plan.js';
import type { Rendered } from './render/render-shard.js';

/** The mark of a finished shard. */
export interface Done extends FinishedShard, Omit<Rendered, 'files' | 'samples'> {
  /** Digest of the plan. */
  readonly plan: string;
}

export async function commitShard(
  store: Store,
  plan: Plan,
  { split, index }: PlanShard,
  dir: string,
  rendered: Rendered,
): Promise<Done> {
  for (const { path, sha256, bytes } of rendered.files) {
    await store.commit(path, join(dir, path), { sha256, bytes });
    faultPoint('renamed');
  }
  const done: Done = { plan: plan.digest, split, index, ...rendered };
  const text = Buffer.from(`${JSON.stringify(done)}\n`);
  const staged = join(dir, 'done.json');
  writeSynced(staged, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  await store.commit(doneFile({ split, index }), staged, { sha256, bytes: text.length });
  faultPoint('journal');
  return done;
}

/** The mark of a shard that is finished. */
export async function isDone(store: Store, plan: Plan, shard: PlanShard): Promise<Done | undefined> {
  const file = doneFile(shard);
  if (!(await store.stat(file))) return undefined;
  const done = JSON.parse(Buffer.from(await store.read(file)).toString('utf8')) as Done;
  if (done.plan !== (shard.earlier?.plan ?? plan.digest))
    throw new RxaugError(
      `${store.name}: shard ${shardName(shard)} is of another plan (${done.plan.slice(0, 12)}); prepare into another folder`,
    );
  return done;
}

function writeSynced(file: string, bytes: Uint8Array): void {
  const fd = openSync(file, 'wx');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
