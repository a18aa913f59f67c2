/** Where a YOLO data set keeps what: `data.yaml`, names of classes, images of a split, labels beside them. */
import { readdirSync, statSync } from 'node:fs';
import local, { basename, dirname, extname, join, posix, resolve } from 'node:path';
import { show, UsageError } from '../../core/index.js';
import { MAX_UNNAMED, readClasses } from '../classes.js';
import { unreadable } from '../files.js';
import { fileOfAnywhere, folderOfUrl } from '../remote/anywhere.js';
import type { Folder } from '../remote/folder.js';
import type { DownloadOptions } from '../remote/localize.js';
import { openFolder } from '../remote/open-folder.js';
import { isRemote, shownPlace } from '../remote/shown-place.js';
import { readSmall } from './small-file.js';
import { parseYaml, type Yaml, YamlFault } from './yaml.js';
import type { PoseShape } from './yolo-line.js';

const OWNER = 'yolo';

export interface YoloLayout {
  readonly folder: Folder;
  /** Names of classes by number, where the data set gives them. */
  readonly names?: readonly string[];
  readonly pose?: PoseShape;
  /** For each keypoint the one that takes its place in a mirror. */
  readonly flip?: readonly number[];
  /** Folders and lists of images, below the root; one of no split is the whole data set. */
  readonly places: readonly string[];
}

/** @param path a folder, or its `data.yaml`, or the URL of either */
export async function yoloLayout(
  path: string,
  split: string | undefined,
  download: DownloadOptions | undefined,
): Promise<YoloLayout> {
  const { folder, file } = isRemote(path) ? await far(path, download) : await near(path);
  const described = file === undefined ? {} : descriptionOf(file);
  return {
    folder,
    ...(await classesOf(folder, file?.shown, described)),
    ...poseOf(file?.shown, described),
    places: await placesOf(folder, described, split),
  };
}

/** `data.yaml` on this machine, and its name in messages. */
interface Description {
  readonly path: string;
  readonly shown: string;
}

async function near(path: string): Promise<{ folder: Folder; file?: Description }> {
  const given = resolve(path);
  let isFolder: boolean;
  try {
    isFolder = statSync(given).isDirectory();
  } catch (error) {
    throw new UsageError(`${OWNER}: ${unreadable(error, given).replace('no file', 'no folder')}`, {
      cause: error,
    });
  }
  const folder = await openFolder(OWNER, isFolder ? given : dirname(given), undefined);
  return { folder, file: isFolder ? await found(folder) : { path: given, shown: given } };
}

async function far(
  url: string,
  download: DownloadOptions | undefined,
): Promise<{ folder: Folder; file?: Description }> {
  const shown = shownPlace(url);
  if (!/\.ya?ml$/i.test(shown)) {
    const folder = await openFolder(OWNER, url, download);
    return { folder, file: await found(folder) };
  }
  const { path } = await fileOfAnywhere(OWNER, url, download);
  return { folder: await openFolder(OWNER, folderOfUrl(OWNER, url), download), file: { path, shown } };
}

async function found(folder: Folder): Promise<Description | undefined> {
  const name = await folder.first(['data.yaml', 'data.yml', 'dataset.yaml']);
  return name === undefined ? undefined : { path: folder.path(name), shown: folder.shown(name) };
}

type Fields = Readonly<Record<string, Yaml>>;

function descriptionOf({ path, shown: file }: Description): Fields {
  const read = readSmall(path);
  if ('fault' in read) throw new UsageError(`${OWNER}: ${file}: ${read.fault}`);
  try {
    const value = parseYaml(read.text);
    if (isMap(value)) return value;
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw new UsageError(`${OWNER}: ${file}: ${error.message}; write it in plain YAML`, { cause: error });
  }
  throw new UsageError(`${OWNER}: ${file}: expected fields such as names and train; give a data.yaml`);
}

const isMap = (value: Yaml | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function classesOf(
  folder: Folder,
  file: string | undefined,
  { names, nc }: Fields,
): Promise<{ names?: string[] }> {
  if (names === undefined || names === null) {
    const list = await folder.first(['classes.txt', 'labels/classes.txt', 'obj.names']);
    return list === undefined ? {} : { names: readClasses(OWNER, folder.path(list), folder.shown(list)) };
  }
  const wrong = (what: string) => new UsageError(`${OWNER}: ${file}: names: ${what}`);
  let list: Yaml[];
  if (Array.isArray(names)) list = names;
  else if (isMap(names)) {
    const keys = Object.keys(names);
    if (keys.length > MAX_UNNAMED) throw wrong(`expected at most ${MAX_UNNAMED} classes; correct it`);
    list = keys.map((_, i) => names[String(i)] ?? null);
  } else throw wrong(`expected a list or numbered names but received ${show(names)}; correct it`);
  const odd = list.findIndex((name) => typeof name !== 'string' || name === '');
  if (odd >= 0) throw wrong(`expected a name for class ${odd}; number them from 0 without gaps`);
  if (typeof nc === 'string' && Number(nc) !== list.length)
    throw new UsageError(
      `${OWNER}: ${file}: nc is ${show(nc)}, but there are ${list.length} names; correct one of them`,
    );
  const twice = list.find((name, i) => list.indexOf(name) !== i);
  if (twice !== undefined) throw wrong(`${show(twice)} is there twice; rename one`);
  return { names: list as string[] };
}

function poseOf(
  file: string | undefined,
  { kpt_shape: shape, flip_idx: flip }: Fields,
): Pick<YoloLayout, 'pose' | 'flip'> {
  if (shape === undefined || shape === null) return {};
  const [count, dims] = Array.isArray(shape) ? shape.map(Number) : [];
  const fits =
    Number.isInteger(count) &&
    (count as number) >= 1 &&
    (count as number) <= 10_000 &&
    (dims === 2 || dims === 3);
  if (!fits)
    throw new UsageError(
      `${OWNER}: ${file}: expected kpt_shape: [COUNT, 2 or 3] but received ${show(shape)}; correct it`,
    );
  const pose = { count: count as number, dims: dims as 2 | 3 };
  if (flip === undefined || flip === null) return { pose };
  const to = Array.isArray(flip) ? flip.map(Number) : [];
  const mirrors = to.length === count && to.every((j, i) => Number.isInteger(j) && to[j] === i);
  if (to.length > 0 && !mirrors)
    throw new UsageError(
      `${OWNER}: ${file}: expected flip_idx to pair ${count} keypoints with each other but received ${show(flip)}; correct it`,
    );
  return to.length > 0 ? { pose, flip: to } : { pose };
}

/** The folders and lists of a split: from data.yaml, else images/SPLIT, else SPLIT/images. */
async function placesOf(folder: Folder, described: Fields, split: string | undefined): Promise<string[]> {
  if (split === undefined) {
    if (!folder.lists) throw unlisted(folder, 'without a split all of its images are read');
    return [folder.hasFolder('images') ? 'images' : '.'];
  }
  const named = Object.hasOwn(described, split) ? described[split] : undefined;
  if (named !== undefined && named !== null) {
    const places: string[] = [];
    for (const place of [named].flat()) places.push(await within(folder, described.path, place, split));
    return places;
  }
  if (!folder.lists) throw unlisted(folder, `data.yaml names no list of images for ${show(split)}`);
  const found = [`images/${split}`, `${split}/images`].find(
    (place) => !split.split(/[/\\]/).includes('..') && folder.hasFolder(place),
  );
  if (found !== undefined) return [found];
  const there = (await foldersIn(folder, folder.hasFolder('images') ? 'images' : '')).map(show);
  throw new UsageError(
    `${OWNER}: split: expected a split of the data set but received ${show(split)}; there are ${there.slice(0, 8).join(', ') || 'none'}`,
  );
}

async function foldersIn(folder: Folder, within: string): Promise<string[]> {
  if (folder.root === undefined) {
    const below = within === '' ? '' : `${within}/`;
    return (await folder.list(within)).filter((name) => folder.hasFolder(below + name));
  }
  const entries = readdirSync(join(folder.root, within), { withFileTypes: true });
  return entries.filter((one) => one.isDirectory()).map(({ name }) => name);
}

function unlisted(folder: Folder, why: string): UsageError {
  return new UsageError(
    `${OWNER}: ${folder.shown()}: web servers list no folders, and ${why}; give a split that data.yaml names as a list (train: train.txt), or take s3:// or a folder on this machine`,
  );
}

/**
 * A path of data.yaml as one below the root. Roboflow writes `../train/images` for what lies beside the file; `path`
 * counts where it leads into the data set, for it often names a place on another machine.
 */
async function within(folder: Folder, path: Yaml | undefined, place: Yaml, split: string): Promise<string> {
  if (typeof place !== 'string')
    throw new UsageError(
      `${OWNER}: ${split}: expected a path but received ${show(place)}; correct data.yaml`,
    );
  // At a URL paths are resolved below a root that no path names.
  const { resolve, relative, sep } = folder.root === undefined ? posix : local;
  const root = folder.root ?? '/\0';
  const bases = [typeof path === 'string' ? resolve(root, path) : root, root];
  const tries = bases
    .flatMap((base) => [resolve(base, place), resolve(base, place.replace(/^\.\.\//, ''))])
    .filter((one) => one === root || one.startsWith(root + sep))
    .map((one) => relative(root, one).split(sep).join('/') || '.');
  if (!folder.lists && !tries.some(isList))
    throw unlisted(folder, `${show(split)} of data.yaml is the folder ${show(place)}`);
  const found = folder.lists
    ? tries.find((one) => !folder.lacks(one) || folder.hasFolder(one))
    : await folder.first(tries.filter(isList));
  if (found !== undefined) return found;
  throw new UsageError(
    `${OWNER}: ${split}: there is no ${show(place)} in ${folder.shown()}; correct data.yaml, or give the folder that holds it`,
  );
}

const isList = (name: string) => name.endsWith('.txt');

/** The label file of an image: `images` in its path is `labels`, or it lies beside the image. */
export function labelOf(image: string): string {
  const parts = image.split('/');
  const at = parts.lastIndexOf('images', parts.length - 2);
  if (at >= 0) parts[at] = 'labels';
  const name = parts.pop() as string;
  return [...parts, `${basename(name, extname(name))}.txt`].join('/');
}
