import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { classesOption, givenClasses, MAX_UNNAMED, numbered, numbersIn } from '../classes.js';
import { Passed } from '../passed.js';
import { naturalOrder, type OpenedDataset, type Problem } from '../problems.js';
import { targetOptions } from '../target-options.js';
import { imagesUnder } from '../walk-images.js';
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
});

/** Options of `yolo` and `openYolo`: `split`, `boxClasses`, `masks`, `keypoints`, `targets`, `cache`, `name`. */
export type YoloOptions = z.input<typeof yoloSchema>;

/**
 * Images with YOLO labels, one text file each, as a data set with random access; the layout is that of `yolo`.
 *
 * @param path the folder of the data set, or its `data.yaml`
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
  const layout = yoloLayout(path, o.split);
  const { root, pose } = layout;
  const tally = new Tally();
  const passed = new Passed();
  const table = new ObjectTable();
  let largest = -1;
  let polygons = 0;
  let hasPoints = false;
  const images = await imagesOf(layout, tally, passed);
  for (const [i, image] of images.entries()) {
    if (i % 64 === 63) await setImmediate(); // lets Ctrl-C and timers through
    const objects = objectsOf(root, image, layout, tally);
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
  if (given) renumber(table, own, given, path, layout.names !== undefined);
  settleBoxes(table, 'yolo', tally);
  const kinds = [...new Set(o.masks === undefined ? [] : [o.masks].flat())];
  if (kinds.length > 0 || hasPoints) await settleSizes(table, (image) => join(root, image), tally);
  if (hasPoints) toPixels(table);
  const drawn =
    kinds.length > 0
      ? await drawnMasks({
          table,
          kinds,
          classes: boxClasses.length,
          folder: cacheFolder('unpacked', o.cache),
          source: `yolo ${root} ${o.split}`,
          state: stampsOf(table, root),
          name: basename(root),
          ...polygonsOf(table, layout),
        })
      : undefined;
  if (!drawn && polygons > 0)
    tally.note(
      "lines are polygons, of which the boxes are read; masks: 'classes' draws them",
      root,
      polygons,
    );
  const name = o.name ?? (basename(root) || root);
  const problems = [...tally.problems(name), ...(drawn?.problems ?? []), ...passed.problem(name)];
  return objectDataset({
    owner: OWNER,
    name,
    fileOf: (image) => join(root, image),
    table,
    format: 'yolo',
    boxClasses,
    problems,
    masks: drawn?.source,
    targets: pose && o.keypoints ? withFlip(o.targets, layout) : o.targets,
    ...(pose && o.keypoints && { points: boxClasses.map(() => numbered(pose.count)) }),
  });
}

/** Images of the folders and lists of a layout, below its root. */
async function imagesOf(layout: YoloLayout, tally: Tally, passed: Passed): Promise<string[]> {
  const { root, places } = layout;
  const found = new Set<string>();
  for (const place of places) {
    if (statSync(join(root, place)).isDirectory()) {
      const problems: Problem[] = [];
      const walk = { owner: OWNER, root, problems, passed };
      for (const image of await imagesUnder(walk, place === '.' ? '' : place, new Set())) found.add(image);
      for (const { where, reason } of problems) tally.left(where, reason);
      continue;
    }
    const read = readSmall(join(root, place));
    if ('fault' in read) throw new UsageError(`${OWNER}: ${place}: ${read.fault}`);
    for (const raw of read.text.split(/\r?\n/)) {
      const line = raw.trim().replace(/^(\.\/)+/, '');
      if (line === '') continue;
      const fault =
        nameFault(line) ?? (existsSync(join(root, line)) ? undefined : 'there is no such file; restore it');
      if (fault)
        tally.left(line, `${fault.replace('; give it relative to the folder of images', '')}: see ${place}`);
      else found.add(line);
    }
  }
  if (found.size === 0)
    throw new RxaugError(
      `${OWNER}: no image in ${places.map((place) => join(root, place)).join(', ')}; check the path`,
    );
  return [...found].sort(naturalOrder);
}

/** The objects of an image, or why it is left out. An image without a label file has none. */
function objectsOf(
  root: string,
  image: string,
  { names, pose }: YoloLayout,
  tally: Tally,
): YoloObject[] | string {
  const label = labelOf(image);
  if (!existsSync(join(root, label))) {
    tally.note('images have no label file and count as without objects; add empty ones if that is so', image);
    return [];
  }
  const read = readSmall(join(root, label));
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
        const found = objectsOf(layout.root, table.paths.at(image), layout, new Tally());
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

/** Sizes and times of all label files: polygons hang on them. */
function stampsOf(table: ObjectTable, root: string): string {
  const hash = createHash('sha256');
  for (let i = 0; i < table.images; i++) {
    const label = labelOf(table.paths.at(i));
    const there = statSync(join(root, label), { throwIfNoEntry: false, bigint: true });
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
