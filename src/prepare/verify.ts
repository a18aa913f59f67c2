/** Checks a finished data set: every file that its manifest names, to the last byte, and what may not be there. */
import { createHash } from 'node:crypto';
import { messageOf } from '../core/index.js';
import { openStore } from '../io/store/open-store.js';
import type { Store } from '../io/store/store.js';
import { type Fault, manifestFaults } from './finish/check-manifest.js';
import { MANIFEST } from './finish/manifest.js';
import { readManifest } from './finish/read-manifest.js';
import { readPlan } from './work.js';

/** Bytes that are read at once. */
const PIECE = 8 << 20;

export type { Fault };

export interface Verified {
  readonly files: number;
  readonly bytes: number;
  readonly samples: number;
  readonly faults: readonly Fault[];
  /** Files that belong to nothing. */
  readonly others: readonly string[];
}

export async function verify(
  out: string,
  status: (line: string, share: number) => void,
  signal: AbortSignal,
): Promise<Verified> {
  const store = await openStore(out);
  try {
    const manifest = await readManifest(store);
    const faults: Fault[] = [];
    const plan = await readPlan(store).catch((error: unknown) => {
      faults.push({ file: '.rxaug/plan.json', reason: messageOf(error) });
      return undefined;
    });
    if (plan && plan.digest !== manifest.plan)
      faults.push({
        file: MANIFEST,
        reason: `it is of plan ${manifest.plan.slice(0, 12)} and not of the plan that is there; finish that by --resume, or prepare anew`,
      });
    else if (plan) faults.push(...(await manifestFaults(store, plan, manifest)));
    const files = [...manifest.shards.flatMap((shard) => shard.files), ...manifest.files];
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const there = new Map((await store.list()).map((file) => [file.path, file.bytes]));
    let done = 0;
    for (const { path, bytes, sha256 } of files) {
      signal.throwIfAborted();
      const size = there.get(path);
      if (size === undefined)
        faults.push({ file: path, reason: 'it is missing; restore it, or prepare anew' });
      else if (size !== bytes)
        faults.push({
          file: path,
          reason: `it has ${size} bytes and not ${bytes}; restore it, or prepare anew`,
        });
      else if ((await digestOf(store, path, bytes)) !== sha256)
        faults.push({
          file: path,
          reason: 'its bytes are not those that were written; restore it, or prepare anew',
        });
      done += bytes;
      status(
        `${path}${faults.length > 0 ? `, ${faults.length} faults so far` : ''}`,
        total > 0 ? done / total : 1,
      );
    }
    const sum = manifest.shards.reduce((all, { samples }) => all + samples, 0);
    const known = new Set([...files.map(({ path }) => path), MANIFEST]);
    const others = [...there.keys()].filter((path) => !known.has(path) && !path.startsWith('.rxaug/'));
    return { files: files.length, bytes: total, samples: sum, faults, others };
  } finally {
    store.dispose();
  }
}

async function digestOf(store: Store, path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += PIECE)
    hash.update(await store.read(path, { offset: at, length: Math.min(PIECE, bytes - at) }));
  return hash.digest('hex');
}
