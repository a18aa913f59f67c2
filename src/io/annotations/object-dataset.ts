/** A table of objects as a data set with random access. */
import {
  type BoundingBox,
  type BoxFormat,
  type Item,
  type Keypoint,
  type Keypoints,
  type Label,
  type Mask,
  RxaugError,
  type Targets,
  UsageError,
} from '../../core/index.js';
import type { OpenedDataset, Problem } from '../problems.js';
import { otherFormat, type TargetOptions, unusedSetting, withSettings } from '../target-options.js';
import { grouped } from './columns.js';
import { BOX, CARRIED, DROPPED, type ObjectTable } from './object-table.js';

/** The masks of an image, where it has some. */
export interface MaskSource {
  readonly names: readonly string[];
  masksOf(image: number): Readonly<Record<string, Mask>> | undefined;
}

export interface ObjectDatasetOptions {
  readonly owner: string;
  readonly name: string;
  /** Where an image is on this machine, by its path in the table. */
  readonly fileOf: (path: string) => string;
  readonly versionOf?: OpenedDataset['versionOf'];
  readonly table: ObjectTable;
  readonly format: BoxFormat;
  readonly boxClasses: readonly string[];
  /** Names of keypoints by box class; absent where the data have no keypoints. */
  readonly points?: readonly (readonly string[] | undefined)[];
  readonly masks?: MaskSource;
  readonly targets?: TargetOptions;
  readonly problems: readonly Problem[];
  /** Image classes and the label of each image; by default the one class 'unlabeled'. */
  readonly labels?: { readonly classes: readonly string[]; of(image: number): Label };
}

/** @throws RxaugError where no image is left; UsageError for a setting of targets that the data do not have */
export function objectDataset(options: ObjectDatasetOptions): OpenedDataset {
  const {
    owner,
    name,
    fileOf,
    versionOf,
    table,
    format,
    boxClasses,
    points,
    masks,
    targets,
    problems,
    labels,
  } = options;
  checkSettings(options);
  const kept = new Uint32Array(table.images);
  let length = 0;
  for (let image = 0; image < table.images; image++) if (!table.out.at(image)) kept[length++] = image;
  if (length === 0) {
    const first = problems[0];
    const why = first
      ? `; the first of ${problems.length} problems: ${first.where}: ${first.reason}`
      : '; check the path';
    throw new RxaugError(`${owner}: no usable image in ${name}${why}`);
  }
  const { first, order } = grouped((k) => table.image.at(k), table.objects, table.images);
  const swap = points && mirrored(points);
  const targetsOf = (image: number): Targets => {
    const items: BoundingBox[] = [];
    const found: Keypoint[] = [];
    const [from, to] = [first[image] as number, first[image + 1] as number];
    for (let n = from; n < to; n++) {
      const k = order[n] as number;
      const instance = table.instance(k, n - from); // what is left out counts too: masks are numbered so
      if (table.has(k, DROPPED)) continue;
      const label = table.label.at(k);
      if (table.has(k, BOX)) items.push({ box: table.box(k), label, instance, ...carried(table, k) });
      if (points) addPoints(found, table, k, instance, points[label]);
    }
    const own = masks?.masksOf(image);
    return withSettings(
      {
        ...(own && { masks: own }),
        boxes: { format, items, classes: boxClasses.length },
        ...(points && { keypoints: { items: found, ...(swap && { swap }) } }),
      },
      // The pairs that names give are a default: those of the source take precedence.
      { ...targets },
    ) as Targets;
  };
  return {
    name,
    classes: labels?.classes ?? ['unlabeled'],
    boxClasses,
    length,
    problems,
    ...(versionOf && { versionOf }),
    item(i: number): Item {
      const image = kept[i];
      if (image === undefined || i >= length)
        throw new RangeError(`${owner}: there is no item ${i} among ${length}`);
      const id = table.paths.at(image);
      const label = labels?.of(image) ?? 0;
      return { id, image: { kind: 'file', path: fileOf(id) }, label, targets: targetsOf(image) };
    },
  };

  function mirrored(names: readonly (readonly string[] | undefined)[]): Keypoints['swap'] {
    if (targets?.keypoints?.swap) return undefined;
    const pairs = mirrorPairs(names);
    return pairs.length > 0 ? pairs : undefined;
  }
}

function checkSettings({ owner, format, targets, points, masks }: ObjectDatasetOptions): void {
  const unused = unusedSetting(owner, targets, {
    masks: masks?.names ?? [],
    boxes: true,
    keypoints: points !== undefined,
  });
  const fault = unused ?? otherFormat(owner, targets, format);
  if (fault) throw new UsageError(fault);
}

function carried(table: ObjectTable, k: number): Record<string, true> {
  const fields: Record<string, true> = {};
  for (const [flag, name] of CARRIED) if (table.has(k, flag)) fields[name] = true;
  return fields;
}

function addPoints(
  found: Keypoint[],
  table: ObjectTable,
  k: number,
  instance: number,
  names: readonly string[] | undefined,
): void {
  const [from, to] = table.points(k);
  for (let n = from; n < to; n++) {
    const name = names?.[n - from];
    const seen = table.seen.at(n);
    const point = { x: table.x.at(n), y: table.y.at(n), ...(name !== undefined && { name }), instance };
    if (seen === 0) found.push({ ...point, visible: false });
    else if (seen === 1) found.push({ ...point, occluded: true } as Keypoint);
    else found.push(point);
  }
}

/** Pairs of names that differ in left and right alone: they change places in a mirror. */
export function mirrorPairs(lists: readonly (readonly string[] | undefined)[]): [string, string][] {
  const pairs = new Map<string, [string, string]>();
  for (const names of lists) {
    for (const name of names ?? []) {
      const other = name.replace(/(^|[^a-z])left(?![a-z])/i, (match, before: string) => {
        const word = match.slice(before.length);
        return before + (word === 'left' ? 'right' : word === 'Left' ? 'Right' : 'RIGHT');
      });
      if (other !== name && names?.includes(other)) pairs.set(`${name}\n${other}`, [name, other]);
    }
  }
  return [...pairs.values()];
}
