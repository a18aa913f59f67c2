/** Writes what describes the shards, and last of all the manifest: only then a data set is finished. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultPoint } from '../../core/fault-point.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { RxaugError } from '../../core/index.js';
import { encodeImage } from '../../io/encode.js';
import type { Store } from '../../io/store/store.js';
import type { OutputFile, OutputFormat } from '../../io/write/output.js';
import { contactSheet } from '../../report/contact-sheet.js';
import type { Done } from '../commit.js';
import { jsonl, linesOf } from '../jsonl.js';
import type { LeftOut } from '../plan/kept.js';
import { doneFile, groupsFile, leftOutFile, type Plan, shardName } from '../plan/plan.js';
import { type Example, examplesOf } from './examples.js';
import { NEAR, REFUSED } from './lists.js';
import { MANIFEST, type Manifest, manifestOf, manifestText } from './manifest.js';
import { pageOf } from './page.js';

export interface Finishing {
  readonly plan: Plan;
  /** Marks of all shards, in their order. */
  readonly done: readonly Done[];
  readonly store: Store;
  readonly staging: string;
  readonly format: OutputFormat;
  status(line: string, share: number): void;
}

export const REPORT = 'report.html';

type Group = { readonly split: string; readonly images: readonly string[] };

export async function finish({ plan, done, store, staging, format, status }: Finishing): Promise<Manifest> {
  await checkShards(plan, done, store);
  status('writing the manifest', 0);
  const planned = await listOf(plan, 'refused', store);
  const rendered = done.flatMap((one) =>
    one.refused.map(({ key, id, reason }) => ({
      id,
      by: 'not rendered',
      reason,
      key,
      shard: shardName(one),
    })),
  );
  const leftOut = [...linesOf<LeftOut>(planned), ...rendered];
  const groups = await listOf(plan, 'groups', store);
  const files: OutputFile[] = [];
  const put = async (path: string, bytes: Uint8Array) => {
    await store.replace(path, bytes);
    files.push({ path, bytes: bytes.length, sha256: sha256Of(bytes) });
  };
  await put(REFUSED, jsonl(leftOut));
  await put(NEAR, groups);
  if (format.index) {
    makeFolder(staging);
    const dir = mkdtempSync(join(staging, 'index-'));
    try {
      for (const file of await format.index(dir, done, plan.schema, (path) => store.read(path))) {
        // In place of that of an earlier generation.
        await put(file.path, readFileSync(join(dir, file.path)));
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const sheets = await sheetsOf(plan, done, store);
  for (const { split, png } of sheets) await put(`examples-${split}.png`, png);
  const parts = {
    manifest: manifestOf(plan, done, []),
    plan,
    leftOut,
    groups: linesOf<Group>(groups),
    sheets,
  };
  await put(REPORT, Buffer.from(pageOf(parts)));
  const manifest = manifestOf(plan, done, files);
  faultPoint('manifest');
  await store.replace(MANIFEST, Buffer.from(manifestText(manifest)));
  faultPoint('finished');
  return manifest;
}

/** A list that was written with the plan. */
async function listOf(plan: Plan, name: keyof Plan['lists'], store: Store): Promise<Buffer> {
  const file = (name === 'refused' ? leftOutFile : groupsFile)(plan.generation);
  const bytes = Buffer.from(await store.read(file));
  if (sha256Of(bytes) !== plan.lists[name])
    throw new RxaugError(
      `${store.name}/${file}: it is not that of the plan; restore it, or prepare into another folder`,
    );
  return bytes;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Every file of every shard is there, of its size; bytes are looked at by `rxaug verify`. */
async function checkShards(plan: Plan, done: readonly Done[], store: Store): Promise<void> {
  const there = new Map((await store.list()).map((file) => [file.path, file.bytes]));
  for (const [i, shard] of plan.shards.entries()) {
    const mark = done[i];
    if (!mark) throw new RxaugError(`prepare: shard ${shardName(shard)} is missing; continue with --resume`);
    const lost = mark.files.find(({ path, bytes }) => there.get(path) !== bytes);
    const again = shard.earlier
      ? 'prepare into another folder'
      : `remove it and ${doneFile(shard)}, then continue with --resume`;
    if (lost)
      throw new RxaugError(
        `prepare: ${lost.path} of shard ${shardName(shard)} is ${there.has(lost.path) ? 'of another size' : 'gone'}, although the shard was finished; restore it, or ${again}`,
      );
  }
}

/** One contact sheet a split, with the classes below the pictures. */
async function sheetsOf(plan: Plan, done: readonly Done[], store: Store) {
  const by = new Map<string, Example[]>();
  for (const one of await examplesOf(plan, done, store))
    by.set(one.split, [...(by.get(one.split) ?? []), one]);
  const sheets: { readonly split: string; readonly png: Uint8Array }[] = [];
  for (const [split, examples] of by) {
    const sorted = [...examples].sort((a, b) => (a.label < b.label ? -1 : Number(a.label > b.label)));
    const sheet = contactSheet(
      sorted.map(({ label, ...picture }) => ({ ...picture, caption: label })),
      { columns: 10 },
    );
    sheets.push({ split, png: await encodeImage(sheet, 'png') });
  }
  return sheets;
}
