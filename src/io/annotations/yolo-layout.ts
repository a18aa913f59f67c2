/** Where a YOLO data set keeps what: `data.yaml`, names of classes, images of a split, labels beside them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { show, UsageError } from '../../core/index.js';
import { MAX_UNNAMED, readClasses } from '../classes.js';
import { unreadable } from '../files.js';
import { refuseUrl } from '../remote/shown-place.js';
import { readSmall } from './small-file.js';
import { parseYaml, type Yaml, YamlFault } from './yaml.js';
import type { PoseShape } from './yolo-line.js';

const OWNER = 'yolo';

export interface YoloLayout {
  readonly root: string;
  /** Names of classes by number, where the data set gives them. */
  readonly names?: readonly string[];
  readonly pose?: PoseShape;
  /** For each keypoint the one that takes its place in a mirror. */
  readonly flip?: readonly number[];
  /** Folders and lists of images, below the root; one of no split is the whole data set. */
  readonly places: readonly string[];
}

/** @param path a folder, or its `data.yaml` */
export function yoloLayout(path: string, split: string | undefined): YoloLayout {
  refuseUrl(OWNER, path);
  const given = resolve(path);
  let isFolder: boolean;
  try {
    isFolder = statSync(given).isDirectory();
  } catch (error) {
    throw new UsageError(`${OWNER}: ${unreadable(error, given).replace('no file', 'no folder')}`, {
      cause: error,
    });
  }
  const root = isFolder ? given : dirname(given);
  const file = isFolder
    ? ['data.yaml', 'data.yml', 'dataset.yaml'].map((n) => join(root, n)).find(existsSync)
    : given;
  const described = file === undefined ? {} : descriptionOf(file);
  return {
    root,
    ...classesOf(root, file, described),
    ...poseOf(file, described),
    places: placesOf(root, described, split),
  };
}

type Fields = Readonly<Record<string, Yaml>>;

function descriptionOf(file: string): Fields {
  const read = readSmall(file);
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

function classesOf(root: string, file: string | undefined, { names, nc }: Fields): { names?: string[] } {
  if (names === undefined || names === null) {
    const list = ['classes.txt', 'labels/classes.txt', 'obj.names']
      .map((name) => join(root, name))
      .find(existsSync);
    return list === undefined ? {} : { names: readClasses(OWNER, list) };
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
function placesOf(root: string, described: Fields, split: string | undefined): string[] {
  if (split === undefined) return [existsSync(join(root, 'images')) ? 'images' : '.'];
  const named = Object.hasOwn(described, split) ? described[split] : undefined;
  if (named !== undefined && named !== null) {
    const all = Array.isArray(named) ? named : [named];
    return all.map((place) => within(root, described.path, place, split));
  }
  const found = [`images/${split}`, `${split}/images`].find(
    (place) => !split.split(/[/\\]/).includes('..') && existsSync(join(root, place)),
  );
  if (found !== undefined) return [found];
  const folders = readdirSync(existsSync(join(root, 'images')) ? join(root, 'images') : root, {
    withFileTypes: true,
  });
  const there = folders.filter((one) => one.isDirectory()).map(({ name }) => show(name));
  throw new UsageError(
    `${OWNER}: split: expected a split of the data set but received ${show(split)}; there are ${there.slice(0, 8).join(', ') || 'none'}`,
  );
}

/**
 * A path of data.yaml as one below the root. Roboflow writes `../train/images` for what lies beside the file; `path`
 * counts where it leads into the data set, for it often names a place on another machine.
 */
function within(root: string, path: Yaml | undefined, place: Yaml, split: string): string {
  if (typeof place !== 'string')
    throw new UsageError(
      `${OWNER}: ${split}: expected a path but received ${show(place)}; correct data.yaml`,
    );
  const bases = [typeof path === 'string' ? resolve(root, path) : root, root];
  const tries = bases.flatMap((base) => [resolve(base, place), resolve(base, place.replace(/^\.\.\//, ''))]);
  const found = tries.find((one) => (one === root || one.startsWith(root + sep)) && existsSync(one));
  if (found !== undefined) return relative(root, found).split(sep).join('/') || '.';
  throw new UsageError(
    `${OWNER}: ${split}: there is no ${show(place)} in ${root}; correct data.yaml, or give the folder that holds it`,
  );
}

/** The label file of an image: `images` in its path is `labels`, or it lies beside the image. */
export function labelOf(image: string): string {
  const parts = image.split('/');
  const at = parts.lastIndexOf('images', parts.length - 2);
  if (at >= 0) parts[at] = 'labels';
  const name = parts.pop() as string;
  return [...parts, `${basename(name, extname(name))}.txt`].join('/');
}
