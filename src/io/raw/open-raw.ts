import { closeSync, openSync, readSync } from 'node:fs';
import { freemem } from 'node:os';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type ImageRef, messageOf, parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { classesOption, givenClasses, LabelCheck, numbersIn } from '../classes.js';
import { openTables, type PixelTable } from '../pixel-tables.js';
import { type OpenedDataset, type Problem, problem } from '../problems.js';
import { filesOfAnywhere, folderOfUrl, urlBelow } from '../remote/anywhere.js';
import { type DownloadOptions, downloadOptions, type LocalFile, localize } from '../remote/localize.js';
import { shortNames } from '../short-names.js';
import { otherFormat, targetOptions, unusedSetting } from '../target-options.js';
import { HEAD_BYTES } from './layout.js';
import { openRawShard, type RawShard } from './shard.js';
import { BOX_FORMAT, rawTargets, targetFiles } from './targets.js';

export const rawCacheSchema = z.strictObject({
  name: z.string().optional(),
  /** All class names, or the path of a file with one a line: those of the data are matched to it by name. */
  classes: classesOption,
  /** Settings of the targets. */
  targets: targetOptions.optional(),
  /** Reads all images to shared memory when it is opened: for many epochs over what fits. */
  memory: z.boolean().default(false),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/** Options of `rawCache` and `openRawCache`: `classes`, `targets`, `memory`, `download`, `name`. */
export type RawCacheOptions = z.input<typeof rawCacheSchema>;

const OWNER = 'rawCache';
/** Bytes read at once to memory. */
const PART = 16 << 20;

/**
 * A raw cache as a data set with random access: images of one size that nothing decodes. Of each shard, size, footer and its
 * hash are checked when it is opened; pixels are read where they are rendered, and of a crop only its rows. With
 * `memory: true` they are read once, to shared memory.
 *
 * @param patterns paths, patterns or URLs, one or several: `cache/train-*.raw`
 * @throws UsageError if a shard is missing, `classes` lacks one of the data's, or a setting of `targets` fits no target; RxaugError if no shard is usable, or
 * memory does not suffice. Shards that cannot be used are in `problems`.
 *
 * @example
 * const data = await openRawCache('cache/train-*.raw');
 * [data.length, data.classes, data.item(7).id] // → [8, ['cat', 'dog'], 'train-000000.raw/dog-7']
 */
export async function openRawCache(
  patterns: string | readonly string[],
  options: RawCacheOptions = {},
): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, rawCacheSchema, options);
  const files = await filesOfAnywhere(OWNER, patterns, o.download);
  const ids = shortNames(files.map(({ source }) => source));
  const given = givenClasses(OWNER, o.classes);
  const problems: Problem[] = [];
  const shards: [RawShard, PixelTable][] = [];
  const has = { masks: new Set<string>(), boxes: false, keypoints: false };
  for (const [i, { path, version, url }] of files.entries()) {
    const id = ids[i] as string;
    try {
      const shard = openRawShard(path, 3);
      const fault = shards[0] && otherThan(shards[0][0], shard);
      if (fault) throw new Error(fault);
      const nameAt = (k: number) =>
        shard.keys.toString('utf8', k === 0 ? 0 : shard.ends[k - 1], shard.ends[k]);
      const fetched = url === undefined ? undefined : await fetchedTargets(url, shard, o.download);
      const targets = rawTargets(
        shard,
        nameAt,
        o.targets,
        fetched && ((name) => fetched.get(name)?.path as string),
      );
      shards.push([
        shard,
        {
          ...tableOf(id, shard, nameAt, targets?.at),
          versions: [{ path, version }, ...(fetched?.values() ?? [])].map(
            (one) => [one.path, one.version] as const,
          ),
        },
      ]);
      for (const { name } of shard.masks) has.masks.add(name);
      has.boxes ||= targets?.boxes || shard.boxClasses !== undefined;
      has.keypoints ||= targets?.keypoints ?? false;
    } catch (error) {
      problems.push(problem(id, `it cannot be used (${messageOf(error)}); check the shard`));
    }
    await setImmediate(); // Lets Ctrl-C and timers through between shards.
  }
  const first = shards[0]?.[0];
  const unused = first && unusedSetting(OWNER, o.targets, { ...has, masks: [...has.masks] });
  const fault = unused ?? otherFormat(OWNER, o.targets, BOX_FORMAT);
  if (fault) throw new UsageError(fault);
  const own = first?.classes ?? ['unlabeled'];
  if (first?.classes && given) numbersIn(OWNER, 'the cache', own, given);
  const check = new LabelCheck((first?.classes && given) || own, own);
  const tables = o.memory ? await inMemory(shards) : shards.map(([, table]) => table);
  const name = o.name ?? first?.name ?? basename(files[0]?.source as string);
  return openTables(OWNER, name, tables, check, problems, first?.boxClasses);
}

/** The files of its targets, by name. */
async function fetchedTargets(
  url: string,
  shard: RawShard,
  download: DownloadOptions | undefined,
): Promise<ReadonlyMap<string, LocalFile>> {
  if (shard.targets === 0) return new Map();
  const names = targetFiles(shard);
  const folder = folderOfUrl(OWNER, url);
  const urls = names.map((name) => urlBelow(OWNER, folder, name));
  const files = await localize(OWNER, urls, download);
  return new Map(names.map((name, i) => [name, files[i] as LocalFile]));
}

/** Why a shard cannot go together with the first one, or an empty string. */
function otherThan(first: RawShard, { classes, boxClasses, labels }: RawShard): string {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (!same(classes, first.classes)) return 'it has other classes than the first shard';
  if (!same(boxClasses, first.boxClasses)) return 'it has other classes of boxes than the first shard';
  return (labels === 'none') === (first.labels === 'none')
    ? ''
    : 'of it and the first shard one has no labels';
}

function tableOf(
  id: string,
  shard: RawShard,
  nameAt: (k: number) => string,
  targetsAt: PixelTable['targetsAt'],
): PixelTable {
  const { path, width, height, count, hard, soft, classes = [] } = shard;
  const size = 3 * width * height;
  const k = classes.length;
  return {
    id,
    count,
    nameAt,
    imageAt: (i) => ({ kind: 'raw', path, offset: HEAD_BYTES + i * size, width, height, channels: 3 }),
    ...(hard && { labelAt: (i: number) => hard[i] as number }),
    ...(soft && { labelAt: (i: number) => soft.subarray(i * k, (i + 1) * k) }),
    ...(targetsAt && { targetsAt }),
  };
}

/** The same tables, their images in shared memory. */
async function inMemory(shards: readonly [RawShard, PixelTable][]): Promise<PixelTable[]> {
  const sizeOf = ({ width, height }: RawShard) => 3 * width * height;
  const total = shards.reduce((sum, [shard]) => sum + shard.count * sizeOf(shard), 0);
  if (total > freemem())
    throw new RxaugError(
      `${OWNER}: its images take ${gigabytes(total)} of memory, but ${gigabytes(freemem())} are free; leave out memory: true, and they are read from the files`,
    );
  const tables: PixelTable[] = [];
  for (const [shard, table] of shards) {
    const size = sizeOf(shard);
    const pixels = await readPixels(shard.path, shard.count * size);
    const { width, height } = shard;
    const imageAt = (k: number): ImageRef => {
      const data = pixels.subarray(k * size, (k + 1) * size);
      return { kind: 'pixels', data, width, height, channels: 3 };
    };
    tables.push({ ...table, imageAt });
  }
  return tables;
}

async function readPixels(path: string, length: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(new SharedArrayBuffer(length));
  const fd = openSync(path, 'r');
  try {
    for (let done = 0; done < length; ) {
      const n = readSync(fd, pixels, done, Math.min(PART, length - done), HEAD_BYTES + done);
      if (n === 0) throw new RxaugError(`${OWNER}: ${path} became shorter while it was read; write it again`);
      done += n;
      await setImmediate();
    }
  } finally {
    closeSync(fd);
  }
  return pixels;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
