/** Writes what describes the shards, and last of all the manifest: only then a data set is finished. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultPoint } from '../../core/fault-point.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { RxaugError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import type { OutputFile, OutputFormat } from '../../io/write/output.js';
import type { Done } from '../commit.js';
import { GROUPS, LEFT_OUT, type Plan, shardName } from '../plan/plan.js';
import { MANIFEST, type Manifest, manifestOf, manifestText } from './manifest.js';

export interface Finishing {
  readonly plan: Plan;
  /** Marks of all shards, in their order. */
  readonly done: readonly Done[];
  readonly store: Store;
  readonly staging: string;
  readonly format: OutputFormat;
  status(line: string, share: number): void;
}

/** Images and samples that are not in the data set, with the reasons. */
export const REFUSED = 'refused.jsonl';
export const NEAR = 'near-duplicates.jsonl';

export async function finish({ plan, done, store, staging, format, status }: Finishing): Promise<Manifest> {
  await checkShards(plan, done, store);
  status('writing the manifest', 0);
  const refused = Buffer.from(await store.read(LEFT_OUT)).toString('utf8');
  const more = done.flatMap((one) =>
    one.refused.map(
      ({ key, id, reason }) =>
        `${JSON.stringify({ id, by: 'not rendered', reason, key, shard: shardName(one) })}\n`,
    ),
  );
  const files: OutputFile[] = [];
  const put = async (path: string, bytes: Uint8Array) => {
    await store.replace(path, bytes);
    files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  };
  await put(REFUSED, Buffer.from(refused + more.join('')));
  await put(NEAR, await store.read(GROUPS));
  if (format.index) {
    makeFolder(staging);
    const dir = mkdtempSync(join(staging, 'index-'));
    try {
      for (const file of await format.index(dir, done, plan.schema, (path) => store.read(path))) {
        await store.commit(file.path, join(dir, file.path), file);
        files.push(file);
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const manifest = manifestOf(plan, done, files);
  faultPoint('manifest');
  await store.replace(MANIFEST, Buffer.from(manifestText(manifest)));
  faultPoint('finished');
  return manifest;
}

/** Every file of every shard is there, of its size; bytes are looked at by `rxaug verify`. */
async function checkShards(plan: Plan, done: readonly Done[], store: Store): Promise<void> {
  const there = new Map((await store.list()).map((file) => [file.path, file.bytes]));
  for (const [i, shard] of plan.shards.entries()) {
    const mark = done[i];
    if (!mark) throw new RxaugError(`prepare: shard ${shardName(shard)} is missing; continue with --resume`);
    const lost = mark.files.find(({ path, bytes }) => there.get(path) !== bytes);
    if (lost)
      throw new RxaugError(
        `prepare: ${lost.path} of shard ${shardName(shard)} is ${there.has(lost.path) ? 'of another size' : 'gone'}, although the shard was finished; restore it, or prepare into another folder`,
      );
  }
}
