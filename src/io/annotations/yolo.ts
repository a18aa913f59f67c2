import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { classesOption, givenClasses, MAX_UNNAMED, numbered, numbersIn } from '../classes.js';
import { Passed } from '../passed.js';
import { naturalOrder, type OpenedDataset, type Problem } from '../problems.js';
import type { Folder } from '../remote/folder.js';
import { downloadOptions } from '../remote/localize.js';
import { shownPlace } from '../remote/shown-place.js';
import { targetOptions } from '../target-options.js';
import { drawnMasks } from './draw-masks.js';
import { objectDataset } from './object-dataset.js';
import { ObjectTable } from './object-table.js';
import { RleFault, runsOfPolygon } from './rle.js';
import { nameFault } from './safe-name.js';
import { settleBoxes, settleSizes } from './settle.js';
import { readSmall } from './small-file.js';
import { Tally } from './tally.js';
import { labelOf, type YoloLayout, yoloLayout } from './yolo-layout.js';
import { type YoloObject, yoloLine } from './yolo-line.js';

const OWNER = 'yolo';

const maskKind = z.enum(['classes', 'instances']);

export const yoloSchema = z.strictObject({
  name: z.string().optional(),
  /** A split of `data.yaml`, or a folder of `images` (`images/train`), or one that holds `images` (`train/images`). */
  split: z.string().min(1).optional(),
  /** Names of all box classes, or the path of a file with one a line; those of the data are matched to them by name. */
  boxClasses: classesOption,
  /** Draws polygons as masks, once, into the cache folder, as `coco` does. Default: none. */
  masks: z.union([maskKind, z.array(maskKind).min(1)]).optional(),
  /** False leaves keypoints out. */
  keypoints: z.boolean().default(true),
  /** Settings of boxes, masks and keypoints. */
  targets: targetOptions.optional(),
  /** Where masks are kept: the user's cache folder, or another folder. */
  cache: z.union([z.literal(true), z.string().min(1)]).default(true),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/**
 * Options of `yolo` and `openYolo`: `split`, `boxClasses`, `masks`, `keypoints`, `targets`, `cache`, `download`, `name`.
 */
export type YoloOptions = z.input<typeof yoloSchema>;

/**
 * Images with YOLO labels, one text file each, as a data set with random access; the layout is that of `yolo`.
 *
 * @param path the folder of the data set, or its `data.yaml`, or the URL of either: labels and images are fetched to the
 * cache folder when it is opened. On a web server the split must be a list of images, for it lists no folders.
 * @throws UsageError if a folder, `data.yaml` or the split cannot be read; RxaugError if no image is usable. What is left
 * out is in `problems`: images by name, lines counted by their fault.
 *
 * @example
 * const data = await openYolo('yolo', { split: 'train' });
 * [data.length, data.boxClasses] // → [2, ['cat', 'dog']]
 */
export async function openYolo(path: string, options: YoloOptions = {}): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, yoloSchema, options);
  const given = givenClasses(OWNER, o.boxClasses);
  const layout = await yoloLayout(path, o.split, o.download);
  const { folder, pose } = layout;
  const tally = new Tally();
  const passed = new Passed();
  const table = new ObjectTable();
  let largest = -1;
  let polygons = 0;
  let hasPoints = false;
  const images = await imagesOf(layout, tally, passed);
  for (const [i, image] of images.entries()) {
    if (i % 64 === 63) await setImmediate(); // lets Ctrl-C and timers through
    const objects = objectsOf(image, layout, tally);
    if (typeof objects === 'string') {
      tally.left(image, objects);
      continue;
    }
    const number = table.addImage(image);
    for (const { label, box, polygon, points } of objects) {
      largest = Math.max(largest, label);
      if (polygon) polygons++;
      if (points && o.keypoints) {
        hasPoints = true;
        for (let p = 0; p < points.length; p += 3)
          table.addPoint(points[p] as number, points[p + 1] as number, points[p + 2] as number);
      }
      table.addObject(number, label, box);
    }
  }
  const own = layout.names ?? numbered(Math.max(largest + 1, 1));
  const boxClasses = given ?? own;
  if (given) renumber(table, own, given, shownPlace(path), layout.names !== undefined);
  settleBoxes(table, 'yolo', tally);
  const kinds = [...new Set(o.masks === undefined ? [] : [o.masks].flat())];
  if (kinds.length > 0 || hasPoints)
    await settleSizes(
      table,
      (image) => folder.path(image),
      tally,
      (image) => folder.faultOf(image) !== undefined,
    );
  if (hasPoints) toPixels(table);
  const drawn =
    kinds.length > 0
      ? await drawnMasks({
          table,
          kinds,
          classes: boxClasses.length,
          folder: cacheFolder('unpacked', o.cache),
          source: `yolo ${folder.shown()} ${o.split}`,
          state: stampsOf(table, folder),
          name: basename(folder.shown()),
          ...polygonsOf(table, layout),
        })
      : undefined;
  if (!drawn && polygons > 0)
    tally.note(
      "lines are polygons, of which the boxes are read; masks: 'classes' draws them",
      folder.shown(),
      polygons,
    );
  const name = o.name ?? (basename(folder.shown()) || folder.shown());
  const problems = [
    ...tally.problems(name),
    ...(drawn?.problems ?? []),
    ...passed.problem(name),
    ...folder.problems(name),
  ];
  return objectDataset({
    owner: OWNER,
    name,
    fileOf: (image) => folder.path(image),
    versionOf: (file) => folder.versionOf(file),
    table,
    format: 'yolo',
    boxClasses,
    problems,
    masks: drawn?.source,
    targets: pose && o.keypoints ? withFlip(o.targets, layout) : o.targets,
    ...(pose && o.keypoints && { points: boxClasses.map(() => numbered(pose.count)) }),
  });
}

/** Images of the folders and lists of a layout, below its root; they are fetched, with their labels. */
async function imagesOf(layout: YoloLayout, tally: Tally, passed: Passed): Promise<string[]> {
  const { folder, places } = layout;
  /** With the list that names it. */
  const found = new Map<string, string | undefined>();
  for (const place of places) {
    if (isFolder(folder, place)) {
      const problems: Problem[] = [];
      for (const image of await folder.images(place === '.' ? '' : place, problems, passed))
        found.set(image, undefined);
      for (const { where, reason } of problems) tally.left(where, reason);
      continue;
    }
    await folder.fetch([place]);
    const fault = folder.faultOf(place);
    const read = fault === undefined ? readSmall(folder.path(place)) : { fault };
    if ('fault' in read) throw new UsageError(`${OWNER}: ${place}: ${read.fault}`);
    for (const raw of read.text.split(/\r?\n/)) {
      const line = raw.trim().replace(/^(\.\/)+/, '');
      if (line === '') continue;
      const fault = nameFault(line);
      if (fault)
        tally.left(line, `${fault.replace('; give it relative to the folder of images', '')}: see ${place}`);
      else if (!found.has(line)) found.set(line, place);
    }
  }
  const images = [...found.keys()].sort(naturalOrder);
  await folder.fetch(images.flatMap((image) => [image, labelOf(image)]));
  const there = images.filter((image) => {
    if (!folder.lacks(image)) return true;
    const list = found.get(image);
    tally.left(image, `there is no such file; restore it${list === undefined ? '' : `: see ${list}`}`);
    return false;
  });
  if (there.length === 0)
    throw new RxaugError(
      `${OWNER}: no image in ${places.map((place) => folder.shown(place)).join(', ')}; check the path`,
    );
  return there;
}

/** A place of a web server is a list. */
function isFolder(folder: Folder, place: string): boolean {
  if (folder.root === undefined) return folder.lists && folder.hasFolder(place === '.' ? '' : place);
  return statSync(folder.path(place)).isDirectory();
}

/** The objects of an image, or why it is left out. An image without a label file has none. */
function objectsOf(image: string, { folder, names, pose }: YoloLayout, tally: Tally): YoloObject[] | string {
  const label = labelOf(image);
  if (folder.lacks(label)) {
    tally.note('images have no label file and count as without objects; add empty ones if that is so', image);
    return [];
  }
  const fault = folder.faultOf(label);
  if (fault !== undefined) {
    const advice = folder.mayLack(label)
      ? '; if there is none and the server answers so for what is missing, as S3 does without s3:ListBucket, give the image an empty label file, or have the server answer 404'
      : '';
    return `its label file could not be fetched: ${fault}${advice}`;
  }
  const read = readSmall(folder.path(label));
  if ('fault' in read) return read.fault;
  const objects: YoloObject[] = [];
  for (const raw of read.text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    const object = yoloLine(line, pose);
    if (typeof object === 'string') tally.note(object, label);
    else if (object.label >= (names?.length ?? MAX_UNNAMED))
      tally.note(
        `lines have a class beyond the ${names?.length ?? MAX_UNNAMED} there are and are left out; correct them`,
        label,
      );
    else objects.push(object);
  }
  return objects;
}

function renumber(
  table: ObjectTable,
  own: readonly string[],
  given: readonly string[],
  path: string,
  named: boolean,
): void {
  if (!named) {
    if (own.length <= given.length) return; // numbers of that list
    throw new UsageError(
      `${OWNER}: expected class numbers in 0..${given.length - 1} but received ${own.length - 1}; give all of boxClasses`,
    );
  }
  const numbers = numbersIn(OWNER, `'${path}'`, own, given);
  for (let k = 0; k < table.objects; k++) table.label.set(k, numbers[table.label.at(k)] as number);
}

/** Keypoints as pixels, once the sizes of images are known. */
function toPixels(table: ObjectTable): void {
  for (let k = 0; k < table.objects; k++) {
    const image = table.image.at(k);
    const [from, to] = table.points(k);
    for (let n = from; n < to; n++) {
      table.x.set(n, table.x.at(n) * table.widths.at(image));
      table.y.set(n, table.y.at(n) * table.heights.at(image));
    }
  }
}

/** Polygons are read again from the label file of their image. */
function polygonsOf(table: ObjectTable, layout: YoloLayout) {
  let read = -1;
  let first = 0;
  let objects: YoloObject[] = [];
  return {
    outlines(object: number, width: number, height: number) {
      const image = table.image.at(object);
      if (image !== read) {
        const found = objectsOf(table.paths.at(image), layout, new Tally());
        if (typeof found === 'string') throw new RleFault('that changed while it was read');
        [objects, first, read] = [found, object, image];
      }
      const { polygon } = objects[object - first] ?? {};
      if (!polygon) return undefined;
      return [
        runsOfPolygon(
          polygon.map((share, i) => share * (i % 2 === 0 ? width : height)),
          width,
          height,
        ),
      ];
    },
    corners(object: number, width: number, height: number) {
      const [x, y, w, h] = table.box(object);
      return [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height] as const;
    },
  };
}

/** Sizes and times of all label files, or the versions of those that were fetched: polygons hang on them. */
function stampsOf(table: ObjectTable, folder: Folder): string {
  const hash = createHash('sha256');
  for (let i = 0; i < table.images; i++) {
    const label = labelOf(table.paths.at(i));
    const path = folder.path(label);
    const version = folder.versionOf(path);
    if (version !== undefined) {
      hash.update(`${label} ${version}\n`);
      continue;
    }
    const there = statSync(path, { throwIfNoEntry: false, bigint: true });
    hash.update(`${label} ${there?.size} ${there?.mtimeNs} ${there?.ctimeNs} ${there?.ino}\n`);
  }
  return hash.digest('hex');
}

/** The pairs of `flip_idx`, where the source gives none. */
function withFlip(targets: YoloOptions['targets'], { flip }: YoloLayout): YoloOptions['targets'] {
  if (!flip || targets?.keypoints?.swap) return targets;
  const swap = flip.flatMap((j, i): [string, string][] => (i < j ? [[String(i), String(j)]] : []));
  return { ...targets, keypoints: { ...targets?.keypoints, swap } };
}
