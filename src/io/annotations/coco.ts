import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { type Label, type Mask, parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { checkClasses, classesOption, givenClasses, LabelCheck, numbersIn, refused } from '../classes.js';
import { unreadable } from '../files.js';
import { codeOf, naturalOrder, type OpenedDataset, type Problem, problem } from '../problems.js';
import { fileOfAnywhere, folderOfAnywhere, placeBelow } from '../remote/anywhere.js';
import { FetchedFiles } from '../remote/fetched-files.js';
import { downloadOptions } from '../remote/localize.js';
import { isRemote, shownPlace } from '../remote/shown-place.js';
import { targetOptions } from '../target-options.js';
import { stampOf } from '../unpacked/kept.js';
import { cocoMasks } from './coco-masks.js';
import { type CocoCategory, CocoRows } from './coco-rows.js';
import type { MaskKind } from './draw-masks.js';
import { scanJson } from './json-scan.js';
import { type MaskSource, objectDataset } from './object-dataset.js';
import { settleBoxes, settleSizes } from './settle.js';
import { Tally } from './tally.js';

const OWNER = 'coco';

const maskKind = z.enum(['classes', 'instances']);

export const cocoSchema = z.strictObject({
  name: z.string().optional(),
  /**
   * Names of all box classes, or the path of a file with one a line: categories are matched to them by name. By default
   * box classes are the categories in the order of their ids, which may have gaps.
   */
  boxClasses: classesOption,
  /** Names of all image classes, for files of this library's writer, which have labels of images. */
  classes: classesOption,
  /**
   * Draws segmentations (polygons and runs) as masks, once, into the cache folder: 'classes' (0 is ground, class c is
   * c + 1), 'instances' (0 is ground, objects are numbered from 1 in each image), or both. Default: none.
   */
  masks: z.union([maskKind, z.array(maskKind).min(1)]).optional(),
  /** False leaves keypoints out. */
  keypoints: z.boolean().default(true),
  /**
   * Annotations with `iscrowd`: 'ignore' leaves their boxes out and gives their pixels the `ignore` of masks; 'drop'
   * leaves them out; 'keep' takes them as any other object, with `iscrowd: true` on their boxes.
   */
  crowd: z.enum(['ignore', 'drop', 'keep']).default('ignore'),
  /** Added to x and y of keypoints: COCO gives the number of a pixel, whose center is half a pixel further. */
  keypointOffset: z.number().min(0).max(1).default(0.5),
  /** False: image files are not looked at until they are rendered, so one of another size goes unnoticed. */
  checkSizes: z.boolean().default(true),
  /** Settings of boxes, masks and keypoints. */
  targets: targetOptions.optional(),
  /** Where masks are kept: the user's cache folder, or another folder. */
  cache: z.union([z.literal(true), z.string().min(1)]).default(true),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/**
 * Options of `coco` and `openCoco`: `masks`, `crowd`, `keypoints`, `keypointOffset`, `boxClasses`, `classes`,
 * `checkSizes`, `targets`, `cache`, `download`, `name`.
 */
export type CocoOptions = z.input<typeof cocoSchema>;

/**
 * Images with COCO annotations as a data set with random access; the layout is that of `coco`. The annotation file is
 * read as a stream and may have any size; about 70 bytes an annotation stay in memory.
 *
 * @param images the folder that `file_name` is below, or its URL: images are fetched to the cache folder when it is opened
 * @param annotations the JSON file, or its URL
 * @throws UsageError if the file cannot be read or an option does not fit it; RxaugError if it is no COCO file or no
 * image is usable. What is left out is in `problems`: images by name, annotations counted by their fault.
 *
 * @example
 * const data = await openCoco('coco/images', 'coco/annotations.json');
 * [data.length, data.boxClasses] // → [2, ['cat', 'dog']]
 */
export async function openCoco(
  images: string,
  annotations: string,
  options: CocoOptions = {},
): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, cocoSchema, options);
  const given = givenClasses(OWNER, o.boxClasses);
  const place = isRemote(annotations) ? annotations : resolve(annotations);
  const { path: file } = await fileOfAnywhere(OWNER, place, o.download);
  const shown = shownPlace(annotations);
  const root = isRemote(images) ? images : resolve(images);
  const tally = new Tally();
  const rows = new CocoRows(basename(shown), o, tally);
  const stamp = await scan(file, rows);
  const { table } = rows;
  const categories = inOrder(rows.categories);
  const own = checkClasses(
    OWNER,
    categories.map(({ name }) => name),
    `${shown}: categories`,
  );
  const boxClasses = given ?? own;
  const numbers = numbersIn(OWNER, `'${shown}'`, own, boxClasses);
  rows.settle(new Map(categories.map(({ id }, i) => [id, numbers[i] as number])));
  const labels =
    o.classes !== undefined || rows.classes.length > 0 ? labelsOf(rows, o.classes, tally) : undefined;
  if (rows.hasLabels && !labels)
    tally.note("images have a label, but the file has no list 'classes'; labels are not read", shown);
  const files = await filesFor(root, folderOfAnywhere(OWNER, place), rows, o.download);
  if (o.checkSizes) await settleSizes(table, files.image, tally, files.missing);
  settleBoxes(table, 'coco', tally);
  const kinds = [...new Set(o.masks === undefined ? [] : [o.masks].flat())];
  const drawn =
    kinds.length > 0
      ? await cocoMasks(file, rows, kinds, boxClasses.length, cacheFolder('unpacked', o.cache))
      : undefined;
  if (!drawn && rows.hasSegmentations > 0 && !rows.maskNames.has('instances')) {
    const fix = "masks: 'classes' or 'instances' draws them";
    tally.note(`annotations have segmentations, which are not read; ${fix}`, shown, rows.hasSegmentations);
  }
  if (stampOf(file) !== stamp)
    throw new RxaugError(`${OWNER}: ${shown} changed while it was read; open it again`);
  const points = pointNames(categories, numbers, boxClasses.length);
  const name = o.name ?? basename(shown);
  const problems = [...tally.problems(name), ...(drawn?.problems ?? []), ...files.fetched.problems(name)];
  return objectDataset({
    owner: OWNER,
    name,
    fileOf: files.image,
    versionOf: (path) => files.fetched.versionOf(path),
    table,
    format: 'coco',
    boxClasses,
    problems,
    ...(o.keypoints && (points.some(Boolean) || rows.hasPoints) && { points }),
    masks: withFiles(rows, name, files.mask, drawn?.source, problems),
    targets: o.targets,
    labels,
  });
}

/** Reads the file; returns its stamp, which tells whether it changes from here on. */
async function scan(file: string, rows: CocoRows): Promise<string> {
  let passed: string[];
  let stamp: string;
  try {
    stamp = stampOf(file);
    passed = await scanJson(file, { lists: rows.lists });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UsageError(`${OWNER}: ${unreadable(error, file)}`, { cause: error });
  }
  if (rows.table.images === 0 && rows.annotations === 0 && rows.categories.length === 0)
    throw new RxaugError(
      `${OWNER}: expected images, annotations and categories in ${file} but found ${passed.slice(0, 5).join(', ') || 'nothing'}; give a COCO file`,
    );
  if (rows.categories.length === 0)
    throw new RxaugError(`${OWNER}: ${file} has no category; give the annotations of instances or keypoints`);
  return stamp;
}

/** By id, so that the same categories get the same numbers in every file. */
function inOrder(categories: readonly CocoCategory[]): CocoCategory[] {
  const sorted = [...categories].sort((a, b) =>
    typeof a.id === 'number' && typeof b.id === 'number'
      ? a.id - b.id
      : naturalOrder(String(a.id), String(b.id)),
  );
  const twice = sorted.find(({ id }, i) => id === sorted[i - 1]?.id);
  if (twice) throw new RxaugError(`${OWNER}: the category id ${twice.id} is given twice; correct the file`);
  return sorted;
}

function pointNames(categories: readonly CocoCategory[], numbers: Int32Array, classes: number) {
  const names: (readonly string[] | undefined)[] = new Array(classes).fill(undefined);
  categories.forEach(({ keypoints }, i) => {
    names[numbers[i] as number] = keypoints;
  });
  return names;
}

/** Where the images below `root`, and the masks below `folder`, are on this machine; those at URLs are fetched. */
async function filesFor(
  root: string,
  folder: string,
  { table, masks }: CocoRows,
  download: CocoOptions['download'],
) {
  const place = (base: string, name: string) => placeBelow(OWNER, base, name);
  const urls: string[] = [];
  for (let i = 0; i < table.images; i++) {
    if (table.out.at(i)) continue;
    if (isRemote(root)) urls.push(place(root, table.paths.at(i)));
    if (!isRemote(folder) || masks.at(i) === '') continue;
    const own = JSON.parse(masks.at(i)) as Record<string, { readonly file: string }>;
    urls.push(...Object.values(own).map(({ file }) => place(folder, file)));
  }
  const fetched = await FetchedFiles.of(OWNER, urls, download);
  const local = (base: string) => (name: string) => fetched.path(place(base, name));
  return {
    fetched,
    image: local(root),
    mask: local(folder),
    /** Whether an image could not be fetched. */
    missing: (name: string) => fetched.faults.has(place(root, name)),
  };
}

/** Labels of images, as this library's writer stores them. An image without a usable one is left out. */
function labelsOf(rows: CocoRows, classes: CocoOptions['classes'], tally: Tally) {
  const { table } = rows;
  const odd = rows.classes.some((name) => typeof name !== 'string');
  if (odd) throw new RxaugError(`${OWNER}: expected 'classes' to be a list of names; correct the file`);
  const named = rows.classes as string[];
  const given = givenClasses(OWNER, classes);
  if (given && named.length > 0) numbersIn(OWNER, "the file's classes", named, given);
  const list = given ?? checkClasses(OWNER, named);
  const check = new LabelCheck(list, named.length > 0 ? named : list);
  const labels: Label[] = [];
  for (let i = 0; i < table.images; i++) {
    const text = rows.labels.at(i);
    const raw: unknown = text === '' ? undefined : JSON.parse(text);
    const fits =
      typeof raw === 'number' ||
      typeof raw === 'string' ||
      (Array.isArray(raw) && raw.every(Number.isFinite));
    const label = fits ? check.check(raw as number) : { reason: 'it has no label; give one' };
    if (refused(label)) {
      table.out.set(i, 1);
      tally.left(table.paths.at(i), label.reason);
      labels.push(0);
    } else labels.push(label);
  }
  return { classes: list, of: (image: number) => labels[image] as Label };
}

/** Masks that are drawn, and those that the file names as files of their own. */
function withFiles(
  rows: CocoRows,
  where: string,
  fileOf: (name: string) => string,
  drawn: MaskSource | undefined,
  problems: Problem[],
): MaskSource | undefined {
  if (rows.maskNames.size === 0) return drawn;
  const twice = drawn?.names.filter((name) => rows.maskNames.has(name as MaskKind)) ?? [];
  if (twice.length > 0)
    problems.push(
      problem(where, `its masks ${twice.join(', ')} are files, which are used in place of drawn ones`, 0),
    );
  return {
    names: [...new Set([...(drawn?.names ?? []), ...rows.maskNames])],
    masksOf(image) {
      const text = rows.masks.at(image);
      if (text === '') return drawn?.masksOf(image);
      const own = JSON.parse(text) as Record<string, { readonly file: string; readonly bits: 8 | 16 }>;
      const files = Object.entries(own).map(([name, { file, bits }]): [string, Mask] => [
        name,
        {
          image: { kind: 'file', path: fileOf(file) },
          bits,
          ...(name === 'instances' && { instances: true }),
        },
      ]);
      return { ...drawn?.masksOf(image), ...Object.fromEntries(files) };
    },
  };
}
