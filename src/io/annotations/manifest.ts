import { basename, resolve } from 'node:path';
import { z } from 'zod';
import {
  type BoundingBox,
  type BoxFormat,
  type Item,
  type Keypoint,
  type Label,
  type Mask,
  parseOptions,
  RxaugError,
  show,
  type Targets,
  UsageError,
} from '../../core/index.js';
import { classesOption, givenClasses, LabelCheck, MAX_UNNAMED, numbered, refused } from '../classes.js';
import { naturalOrder, type OpenedDataset } from '../problems.js';
import { fileOfAnywhere, folderOfAnywhere, placeBelow } from '../remote/anywhere.js';
import { FetchedFiles } from '../remote/fetched-files.js';
import { downloadOptions } from '../remote/localize.js';
import { isRemote, shownPlace } from '../remote/shown-place.js';
import { targetOptions, unusedSetting, withSettings } from '../target-options.js';
import { formatOf, readRows } from './manifest-rows.js';
import { ManifestTable, nothingUsable } from './manifest-table.js';
import type { NamedBox } from './manifest-targets.js';
import { Tally } from './tally.js';

const OWNER = 'manifest';

const column = z.string().min(1);

export const manifestSchema = z.strictObject({
  name: z.string().optional(),
  /** Default: by the ending of the file. */
  format: z.enum(['csv', 'tsv', 'jsonl']).optional(),
  /** What separates the fields of a CSV file, default a comma. */
  delimiter: z.string().length(1).optional(),
  /** The folder, or the URL of one, that paths are relative to and must not leave. Default: that of the file. */
  root: z.string().min(1).optional(),
  /**
   * Columns (or fields of JSON lines) by name. Default: `image`, `path`, `file`, `file_name` or `filename`; `label` or
   * `class`; `split`, `boxes`, `boxFormat`, `keypoints`, `mask`. `masks` names a column for each mask.
   */
  columns: z
    .strictObject({
      image: column.optional(),
      label: column.optional(),
      split: column.optional(),
      boxes: column.optional(),
      boxFormat: column.optional(),
      keypoints: column.optional(),
      mask: column.optional(),
      masks: z.record(column, column).optional(),
    })
    .default({}),
  /** Only rows of this split, or of these. */
  split: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** Names of all classes, or the path of a file with one a line. */
  classes: classesOption,
  /** False: labels are not read; all images get class 0 of the one class 'unlabeled'. */
  labels: z.boolean().default(true),
  /** Names of all box classes, or the path of a file with one a line. */
  boxClasses: classesOption,
  /** Settings of the targets; boxes need their format: `targets: { boxes: { format: 'voc' } }`. */
  targets: targetOptions.optional(),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/**
 * Options of `manifest` and `openManifest`: `format`, `delimiter`, `root`, `columns`, `split`, `classes`, `labels`,
 * `boxClasses`, `targets`, `download`, `name`.
 */
export type ManifestOptions = z.input<typeof manifestSchema>;

/**
 * A table of images (CSV, TSV or JSON lines) as a data set with random access; the layout is that of `manifest`. The
 * file and its images may be at URLs (`http(s)://`, `s3://`), which are fetched to the cache folder when it is opened. The
 * file is read as a stream; paths, boxes and keypoints stay in memory as text.
 *
 * @throws UsageError if the file cannot be read or lacks a column; RxaugError if no row is usable. Rows that are left out
 * are in `problems` by line, boxes and keypoints counted by their fault.
 *
 * @example
 * const data = await openManifest('photos.csv');
 * [data.length, data.classes] // → [8, ['cat', 'dog']]
 */
export async function openManifest(path: string, options: ManifestOptions = {}): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, manifestSchema, options);
  const place = isRemote(path) ? path : resolve(path);
  const shown = shownPlace(place);
  const format = formatOf(shown, o.format);
  if (o.delimiter !== undefined && format !== 'csv')
    throw new UsageError(`${OWNER}: delimiter: a ${format} file has none of its own; leave it out`);
  const givenBoxes = givenClasses(OWNER, o.boxClasses);
  const given = givenClasses(OWNER, o.classes);
  const root = rootOf(place, o.root);
  const tally = new Tally();
  const splits = o.split === undefined ? undefined : new Set([o.split].flat());
  const table = new ManifestTable(
    { file: shown, root, columns: o.columns, labels: o.labels, splits, boxFormat: o.targets?.boxes?.format },
    tally,
  );
  const { path: file } = await fileOfAnywhere(OWNER, place, o.download);
  await readRows(file, format, o.delimiter, table);
  const classes = o.labels ? (given ?? inferred(table)) : ['unlabeled'];
  const check = new LabelCheck(classes ?? ['unlabeled']);
  const kept = new Uint32Array(table.length);
  const numbers = new Int32Array(table.length);
  const soft = new Map<number, Float32Array>();
  let length = 0;
  for (let i = 0; i < table.length; i++) {
    const raw = table.label(i) ?? (classes ? undefined : 0);
    const label: ReturnType<LabelCheck['check']> =
      raw === undefined
        ? { reason: 'it has no label, but others have; give one' }
        : check.check(named(raw, given));
    if (refused(label)) {
      tally.left(table.ids.at(i), label.reason);
      continue;
    }
    if (typeof label === 'number') numbers[length] = label;
    else soft.set(length, label);
    kept[length++] = i;
  }
  const name = o.name ?? basename(shown);
  const problems = tally.problems(name);
  if (length === 0) {
    const first = problems[0] ? `${problems[0].where}: ${problems[0].reason}` : '';
    throw nothingUsable(table, shown, splits && [...splits].join(', '), first);
  }
  const boxClasses = table.hasBoxes ? boxClassesOf(table, givenBoxes) : undefined;
  const boxNumbers = new Map(boxClasses?.map((one, i) => [one, i]));
  const unused = unusedSetting(OWNER, o.targets, {
    masks: [...table.maskNames],
    boxes: table.hasBoxes,
    keypoints: table.hasPoints,
  });
  if (unused) throw new UsageError(unused);
  /** Where a cell points: a path, or a URL. */
  const placeOf = (given: string) => (isRemote(given) ? given : placeBelow(OWNER, root, given));
  const fetched = await FetchedFiles.of(OWNER, places(), o.download);
  problems.push(...fetched.problems(name));
  const pathOf = (given: string) => fetched.path(placeOf(given));
  return {
    name,
    classes: check.classes,
    ...(boxClasses && { boxClasses }),
    length,
    problems,
    versionOf: (path) => fetched.versionOf(path),
    item(i: number): Item {
      const row = kept[i];
      if (row === undefined || i >= length)
        throw new RangeError(`${OWNER}: there is no item ${i} among ${length}`);
      const label: Label = soft.get(i) ?? (numbers[i] as number);
      const targets = targetsOf(row);
      const image = { kind: 'file', path: pathOf(table.paths.at(row)) } as const;
      return { id: table.ids.at(row), image, label, ...(targets && { targets }) };
    },
  };

  /** Of images and masks. */
  function* places(): Generator<string> {
    for (const row of kept.subarray(0, length)) {
      yield placeOf(table.paths.at(row));
      const masks = table.masks.at(row);
      if (masks !== '') yield* Object.values(JSON.parse(masks) as Record<string, string>).map(placeOf);
    }
  }

  function targetsOf(row: number): Targets | undefined {
    const [boxes, points, masks] = [table.boxes.at(row), table.points.at(row), table.masks.at(row)];
    const own: Targets = {
      ...(masks !== '' && { masks: masksIn(masks, pathOf) }),
      ...(table.hasBoxes && { boxes: boxesAt(boxes) }),
      ...(table.hasPoints && {
        keypoints: { items: points === '' ? [] : (JSON.parse(points) as Keypoint[]) },
      }),
    };
    return Object.keys(own).length > 0 ? (withSettings(own, o.targets) as Targets) : undefined;
  }

  function boxesAt(text: string) {
    const { format: own, boxes } =
      text === '' ? { format: o.targets?.boxes?.format ?? 'voc', boxes: [] } : (JSON.parse(text) as Stored);
    const items = boxes.map(
      (box): BoundingBox => ({
        ...box,
        label: typeof box.label === 'string' ? (boxNumbers.get(box.label) as number) : box.label,
      }),
    );
    return {
      format: own,
      items,
      classes: o.targets?.boxes?.classes ?? (boxClasses as readonly string[]).length,
    };
  }
}

interface Stored {
  readonly format: BoxFormat;
  readonly boxes: readonly NamedBox[];
}

/** The folder, or the URL of one, that images are relative to. */
function rootOf(file: string, given: string | undefined): string {
  const root = given ?? folderOfAnywhere(OWNER, file);
  return isRemote(root) ? root : resolve(root);
}

function masksIn(text: string, pathOf: (given: string) => string): Record<string, Mask> {
  const files = Object.entries(JSON.parse(text) as Record<string, string>);
  return Object.fromEntries(
    files.map(([mask, path]): [string, Mask] => [mask, { image: { kind: 'file', path: pathOf(path) } }]),
  );
}

/** A number of a table may be the name of a class, such as a year. */
function named<T>(raw: T, given: readonly string[] | undefined): T | string {
  return typeof raw === 'number' && given?.includes(String(raw)) ? String(raw) : raw;
}

/** The names that occur, in natural order, or the numbers 0 to the largest; undefined where no row has a label. */
function inferred(table: ManifestTable): string[] | undefined {
  const names = new Set<string>();
  let largest = -1;
  let width = 0;
  for (let i = 0; i < table.length; i++) {
    const label = table.label(i);
    if (typeof label === 'string') names.add(label);
    else if (typeof label === 'number') {
      if (label < MAX_UNNAMED) largest = Math.max(largest, label);
    } else if (label) width = Math.max(width, label.length);
  }
  if (names.size > 0 && largest >= 0)
    throw new RxaugError(
      `${OWNER}: some labels are numbers and some are names, such as ${show([...names][0])}; give classes`,
    );
  if (names.size > 0) return [...names].sort(naturalOrder);
  const count = Math.max(largest + 1, width);
  return count > 0 ? numbered(count) : undefined;
}

function boxClassesOf(
  { boxNames, largestBox }: ManifestTable,
  given: readonly string[] | undefined,
): readonly string[] {
  if (boxNames.size > 0 && largestBox >= 0)
    throw new RxaugError(
      `${OWNER}: some boxes have numbers as labels and some names, such as ${show([...boxNames][0])}; give names to all`,
    );
  if (largestBox >= MAX_UNNAMED && !given)
    throw new RxaugError(
      `${OWNER}: boxes: expected labels below ${MAX_UNNAMED} but received ${largestBox}; give boxClasses`,
    );
  const list = given ?? (boxNames.size > 0 ? [...boxNames].sort(naturalOrder) : numbered(largestBox + 1));
  const unknown = [...boxNames].find((name) => !list.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `${OWNER}: boxClasses: the boxes have ${show(unknown)}, which is not among them; add it`,
    );
  if (given && largestBox >= given.length)
    throw new UsageError(
      `${OWNER}: boxClasses: expected box labels in 0..${given.length - 1} but received ${largestBox}; give all classes`,
    );
  return list.length > 0 ? list : ['object'];
}
