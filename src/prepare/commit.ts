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
  /** SHA-256 of everything else in here as JSON. */
  readonly digest: string;
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
  const done = sealedMark({ plan: plan.digest, split, index, ...rendered });
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
  const done = parsedMark(Buffer.from(await store.read(file)).toString('utf8'));
  if (!done)
    throw new RxaugError(
      `${store.name}/${file}: it is not what was written, so it was changed or cut; ${shard.earlier ? 'restore it' : 'remove it, then continue with --resume'}`,
    );
  if (done.plan !== (shard.earlier?.plan ?? plan.digest))
    throw new RxaugError(
      `${store.name}: shard ${shardName(shard)} is of another plan (${done.plan.slice(0, 12)}); prepare into another folder`,
    );
  return done;
}

const sealedMark = (mark: Omit<Done, 'digest'>): Done => ({ ...mark, digest: digestOf(mark) });

const digestOf = (mark: object): string => createHash('sha256').update(JSON.stringify(mark)).digest('hex');

/** Undefined for what `sealedMark` has not made. */
function parsedMark(text: string): Done | undefined {
  try {
    const { digest, ...mark } = JSON.parse(text) as Done;
    return digestOf(mark) === digest ? { ...mark, digest } : undefined;
  } catch {
    return undefined; // no JSON, or null
  }
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
