/**
 * Shard indexes kept between runs: one file a shard path, valid while size, times and identity of the shard
 * are the same. A cache that is damaged, old or not writable costs a new index and nothing else.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { replaceFile } from '../../core/files/write-file.js';
import { type IndexOptions, indexShard, type ShardIndex } from './shard-index.js';

/** Raised whenever what an index holds changes its meaning. */
const VERSION = 3;
const DIGEST = 32;

/** The index of a shard, from the cache folder where it is still true; `folder` undefined keeps nothing. */
export function cachedIndex(path: string, options: IndexOptions, folder: string | undefined): ShardIndex {
  if (folder === undefined) return indexShard(path, options);
  const kind = JSON.stringify([options.labels, options.labelField ?? null, options.targets ?? null]);
  const file = join(folder, `${sha256(`${path}\n${kind}`).toString('hex').slice(0, 32)}.idx`);
  const before = stampOf(path);
  const kept = load(file, before);
  if (kept) return kept;
  const index = indexShard(path, options);
  // An archive that changed while it was read would be remembered wrongly.
  if (stampOf(path) === before) store(file, before, index);
  return index;
}

function stampOf(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [VERSION, size, mtimeNs, ctimeNs, ino].join(' ');
}

function load(file: string, stamp: string): ShardIndex | undefined {
  try {
    const bytes = readFileSync(file);
    const body = bytes.subarray(DIGEST);
    if (!sha256(body).equals(bytes.subarray(0, DIGEST))) return undefined;
    const kept = deserialize(body) as { stamp: string; index: ShardIndex };
    return kept.stamp === stamp ? kept.index : undefined;
  } catch {
    return undefined;
  }
}

function store(file: string, stamp: string, index: ShardIndex): void {
  const body = serialize({ stamp, index });
  try {
    replaceFile(file, Buffer.concat([sha256(body), body]));
  } catch {
    // A cache that cannot be written costs an index each time, and nothing else.
  }
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
