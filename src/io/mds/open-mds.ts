import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import {
  type BoxFormat,
  type ImageRef,
  messageOf,
  parseOptions,
  RxaugError,
  show,
  showNames,
  UsageError,
} from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { checkClasses, classesOption, givenClasses, LabelCheck, numbersIn } from '../classes.js';
import { openTables, type PixelTable } from '../pixel-tables.js';
import { type OpenedDataset, type Problem, problem } from '../problems.js';
import { classesIn, rawAt } from '../raw-column.js';
import { fileOfAnywhere, urlBelow } from '../remote/anywhere.js';
import {
  type DownloadOptions,
  downloadOptions,
  type LocalFile,
  localizeEach,
  type NotFetched,
} from '../remote/localize.js';
import { isRemote, shownPlace } from '../remote/shown-place.js';
import {
  maskNames,
  otherFormat,
  type TargetOptions,
  targetOptions,
  unusedSetting,
} from '../target-options.js';
import { CacheError } from '../unpacked/unpacked-writer.js';
import { rolesOf, unread } from './columns.js';
import { type MdsShardInfo, readMdsIndex } from './index-file.js';
import { type MdsShard, scanShard } from './shard.js';
import { unpackShard } from './unzstd.js';

export const mdsSchema = z.strictObject({
  name: z.string().optional(),
  /** The column of the images, by default the one that holds images. */
  image: z.string().optional(),
  /** The column of the labels, by default `label`, `labels`, `cls`, `class`, `target` or `y`; false: there are none. */
  label: z.union([z.string(), z.literal(false)]).optional(),
  /** All class names, or the path of a file with one a line; those of the data are matched to them. */
  classes: classesOption,
  /** Settings of the targets; boxes of other writers need `boxes: { format }`. */
  targets: targetOptions.optional(),
  /** Where compressed shards are unpacked to: the user's cache folder, another folder, or nowhere. */
  cache: z.union([z.boolean(), z.string()]).default(true),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/** Options of `mds` and `openMds`: `image`, `label`, `classes`, `targets`, `cache`, `download`, `name`. */
export type MdsOptions = z.input<typeof mdsSchema>;

const OWNER = 'mds';

interface Opened {
  readonly id: string;
  /** What identifies its bytes, if it was downloaded or unpacked. */
  readonly version?: string;
  readonly path: string;
  readonly shard: MdsShard;
}

/**
 * A folder of MosaicML's MDS shards (version 2) as a data set with random access. Images stay in the shards and are read by
 * byte range, raw ones (`pil`) too. Labels are `int`, other numbers, `str`, `json`, or a distribution as `ndarray`; `pkl` is
 * never read. Shards compressed with zstd are unpacked once to the cache folder. Masks are the columns `mask` and `mask.NAME`, boxes and keypoints the `json` columns of these names.
 *
 * @param place the folder with `index.json`, or its URL: that of one split
 * @throws UsageError if there is no index or no column is known to be image or label; RxaugError if no sample is usable.
 * Shards that are missing, damaged or compressed are in `problems`, and so are columns that are not read.
 *
 * @example
 * const data = await openMds('shards/train', { classes: ['cat', 'dog'] });
 * [data.length, data.item(7).label] // → [8, 1]
 */
export async function openMds(place: string, options: MdsOptions = {}): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, mdsSchema, options);
  const remote = isRemote(place) ? place : undefined;
  const dir = remote === undefined ? place : shownPlace(remote).replace(/\/+$/, '');
  const root = remote === undefined ? resolve(place) : dir;
  const folder = cacheFolder('unpacked', o.cache);
  const index = readMdsIndex(
    OWNER,
    remote === undefined
      ? indexPath(dir, root)
      : (await fileOfAnywhere(OWNER, urlBelow(OWNER, remote, 'index.json'), o.download)).path,
  );
  const usable = index.shards.filter((shard): shard is MdsShardInfo => typeof shard !== 'string');
  const first = usable[0];
  const problems: Problem[] = [];
  index.shards.forEach((shard, s) => {
    if (typeof shard === 'string')
      problems.push(problem(`${dir}: shard ${s}`, `${shard}; write the data set again`));
  });
  if (!first)
    throw new RxaugError(
      `${OWNER}: ${dir} has no usable shard; ${problems[0]?.reason ?? 'its index is empty'}`,
    );
  const choice = { image: o.image, label: o.label, masks: maskNames(o.targets) };
  const shards: Opened[] = [];
  const fetched = remote === undefined ? undefined : await fetchShards(remote, usable, o.download);
  for (const [i, info] of usable.entries()) {
    const { basename: id } = info.raw_data;
    try {
      const own = fetched?.[i];
      if (own && 'fault' in own) throw new Error(own.fault);
      const plain = own ? await plainOf(own, info, folder) : await plainShard(root, info, folder);
      const { path } = plain;
      const shard = scanShard(path, info, rolesOf(OWNER, info, choice));
      for (const [k, reason] of shard.problems) problems.push(problem(k < 0 ? id : `${id}/${k}`, reason));
      shards.push({ id, ...plain, shard });
    } catch (error) {
      if (error instanceof UsageError || error instanceof CacheError) throw error;
      problems.push(problem(id, `it cannot be read (${messageOf(error)}); check the shard`));
    }
    await setImmediate(); // Lets Ctrl-C and timers through between shards.
  }
  const roles = rolesOf(OWNER, first, choice);
  const fault =
    unusedSetting(OWNER, o.targets, {
      masks: choice.masks, // which samples lack them is counted below
      boxes: roles.boxes !== undefined,
      keypoints: roles.keypoints !== undefined,
    }) ?? otherFormat(OWNER, o.targets, index.rxaug?.boxFormat);
  if (fault) throw new UsageError(fault);
  const others = unread(first, roles).filter((name) => !(index.rxaug && name === 'meta'));
  if (others.length > 0)
    problems.push(
      problem(dir, `its columns ${showNames(others)} are not read; leave them, or name what they are`, 0),
    );
  const { classes, numbered } = classesOf(
    o.classes,
    index.rxaug?.classes,
    o.label === false ? undefined : shards,
  );
  settleTargets(dir, shards, o.targets, index.rxaug ?? {}, problems);
  return openTables(
    OWNER,
    o.name ?? basename(root),
    shards.map((one) => tableOf(one, o.targets)),
    new LabelCheck(classes, numbered),
    problems,
    index.rxaug?.boxClasses,
  );
}

/** Of the folder, or a sentence that names its splits. */
function indexPath(dir: string, root: string): string {
  const path = join(root, 'index.json');
  if (existsSync(path)) return path;
  let splits: string[] = [];
  try {
    splits = readdirSync(root).filter((name) => existsSync(join(root, name, 'index.json')));
  } catch {
    // The sentence below says it.
  }
  const fix =
    splits.length > 0 ? `open one of its splits: ${showNames(splits)}` : 'give the folder of a split';
  throw new UsageError(`${OWNER}: expected index.json in '${dir}' but there is none; ${fix}`);
}

/** Where the shard's plain form is: beside the index, or in the cache. */
async function plainShard(
  root: string,
  info: MdsShardInfo,
  folder: string | undefined,
): Promise<Pick<Opened, 'path' | 'version'>> {
  const { compression, zip_data, raw_data } = info;
  const path = join(root, raw_data.basename);
  if (!compression || !zip_data || existsSync(path)) return { path };
  checkPacking(info);
  return await unpackShard(OWNER, join(root, zip_data.basename), raw_data.bytes, folder);
}

function checkPacking({ compression, zip_data, raw_data }: MdsShardInfo): void {
  if (compression && zip_data && !/^zstd(:\d+)?$/.test(compression))
    throw new Error(
      `it is compressed with ${show(compression)}; unpack ${zip_data.basename} to ${raw_data.basename} beside it`,
    );
}

/** The shards of a folder at a URL, each as it is stored there. */
function fetchShards(
  folder: string,
  shards: readonly MdsShardInfo[],
  download: DownloadOptions | undefined,
): Promise<(LocalFile | NotFetched)[]> {
  const urls = shards.map((info) => {
    const { basename: name } = (info.compression && info.zip_data) || info.raw_data;
    return urlBelow(OWNER, folder, name);
  });
  return localizeEach(OWNER, urls, download);
}

/** The plain form of a shard that was fetched. */
async function plainOf(
  { path, version }: LocalFile,
  info: MdsShardInfo,
  folder: string | undefined,
): Promise<Pick<Opened, 'path' | 'version'>> {
  if (!info.compression || !info.zip_data) return { path, version };
  checkPacking(info);
  return await unpackShard(OWNER, path, info.raw_data.bytes, folder, version);
}

function classesOf(
  option: z.output<typeof classesOption>,
  named: readonly string[] | undefined,
  shards: readonly Opened[] | undefined,
): { readonly classes: readonly string[]; readonly numbered?: readonly string[] } {
  if (!shards) return { classes: ['unlabeled'] };
  const given = givenClasses(OWNER, option);
  const own = named && checkClasses(OWNER, named, 'index.json');
  if (own && given) numbersIn(OWNER, 'index.json', own, given);
  if (given) return { classes: given, ...(own && { numbered: own }) };
  if (own) return { classes: own };
  const columns = shards.flatMap(({ shard }) => shard.labels ?? []);
  return { classes: classesIn(OWNER, columns, 'give classes') };
}

function settleTargets(
  dir: string,
  shards: readonly Opened[],
  options: TargetOptions | undefined,
  { boxFormat, boxClasses }: { boxFormat?: BoxFormat; boxClasses?: readonly string[] },
  problems: Problem[],
): void {
  const format = boxFormat ?? options?.boxes?.format;
  for (const { id, shard } of shards) {
    const { targets } = shard;
    if (!targets.hasBoxes) continue;
    if (!format) {
      const reason =
        'its boxes are left out because their format is unknown; give targets: { boxes: { format } }';
      problems.push(problem(dir, reason, 0));
      break;
    }
    targets.settle(format, boxClasses?.length ?? options?.boxes?.classes);
    if (targets.dropped > 0) {
      const where = `${id}/${shard.numbers[targets.firstDropped]}`;
      const reason = `${targets.dropped} boxes of this shard, the first of this sample, have no area or no class and are left out; correct them`;
      problems.push(problem(where, reason, 0));
    }
  }
  const count = shards.reduce((sum, { shard }) => sum + shard.count, 0);
  for (const name of maskNames(options)) {
    const have = shards.reduce((sum, { shard }) => sum + shard.targets.masksOf(name), 0);
    const asked = have > 0 || options?.masks?.[name] || (name === 'mask' && options?.mask);
    if (asked && have < count)
      problems.push(
        problem(
          dir,
          `${count - have} of ${count} samples have no mask '${name}', whose rows hold its ignore; add them`,
          0,
        ),
      );
  }
}

function tableOf({ id, path, version, shard }: Opened, options: TargetOptions | undefined): PixelTable {
  const { count, numbers, offsets, lengths, shapes, labels, keys, targets } = shard;
  return {
    id,
    count,
    versions: [[path, version]],
    nameAt: (k) => keys(k) || String(numbers[k]),
    imageAt(k): ImageRef {
      const offset = offsets[k] as number;
      if (!shapes) return { kind: 'range', path, offset, length: lengths[k] as number };
      const [width = 0, height = 0, channels = 0] = shapes.subarray(3 * k, 3 * k + 3);
      return { kind: 'raw', path, offset, width, height, channels };
    },
    ...(labels && { labelAt: (k: number) => rawAt(labels, k) as number }),
    targetsAt: (k) => targets.at(k, path, options),
  };
}
