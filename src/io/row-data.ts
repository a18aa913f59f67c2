/** A data set whose samples are rows of typed arrays: what readers of Parquet and TFRecord make of their files. */
import type { z } from 'zod';
import {
  type BoxFormat,
  type ImageRef,
  type Item,
  type Label,
  type Mask,
  RxaugError,
  showNames,
} from '../core/index.js';
import { checkClasses, type classesOption, givenClasses, LabelCheck, numbersIn, refused } from './classes.js';
import { type FileVersions, type OpenedDataset, type Problem, problem } from './problems.js';
import { badBoxLabels, boxesAt, keypointsAt, type RawBoxes, type RawKeypoints } from './raw-boxes.js';
import { classesIn, Numbers, type RawColumn, rawAt } from './raw-column.js';
import { type TargetOptions, withSettings } from './target-options.js';

/** Where the encoded images of a column are; of a row without one, the length is 0. */
export interface ImageColumn {
  /** 1: in the file itself, not in what was unpacked of it. */
  readonly inFile: Uint8Array;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
}

/** What a file holds, row by row. */
export interface RowIndex {
  readonly rows: number;
  readonly image: ImageColumn;
  readonly masks: Readonly<Record<string, ImageColumn>>;
  readonly labels?: RawColumn;
  readonly boxes?: RawBoxes;
  readonly keypoints?: RawKeypoints;
  /** Names of classes that the file gives. */
  readonly classes?: readonly string[];
  readonly boxClasses?: readonly string[];
  /** Row (-1: the file) and reason. A row that is named here is left out. */
  readonly problems: readonly (readonly [number, string])[];
  /** What of the file is not read: columns or features. */
  readonly passed: readonly string[];
}

/** Rows of a file that are listed when they are left out; the others are counted. */
const MOST_LISTED = 100_000;

export class ImageColumnBuilder {
  private readonly inFile = new Numbers();
  private readonly offsets = new Numbers();
  private readonly lengths = new Numbers();

  push(inFile: boolean, offset: number, length: number): void {
    this.inFile.push(Number(inFile));
    this.offsets.push(offset);
    this.lengths.push(length);
  }

  done(): ImageColumn {
    return {
      inFile: Uint8Array.from(this.inFile.done()),
      offsets: this.offsets.done(),
      lengths: this.lengths.done(),
    };
  }
}

export interface RowFile {
  readonly id: string;
  readonly path: string;
  /** The file with the unpacked images. */
  readonly cached: string;
  /** Of both. */
  readonly versions: FileVersions;
  readonly index: RowIndex;
}

export interface ClassList {
  readonly classes: readonly string[];
  /** Those that numbers refer to, if different. */
  readonly numbered?: readonly string[];
}

/** The classes that are given, else those that the files name, else those that occur. */
export function classesOf(
  owner: string,
  option: z.output<typeof classesOption>,
  files: readonly RowFile[],
  kind: 'classes' | 'boxClasses',
  labels: (index: RowIndex) => RawColumn | undefined,
): ClassList {
  const given = givenClasses(owner, option);
  let own: readonly string[] | undefined;
  let from = '';
  for (const { index, id } of files) {
    const names = index[kind];
    if (!names) continue;
    if (own && (own.length !== names.length || own.some((name, i) => name !== names[i]))) {
      throw new RxaugError(
        `${owner}: the files ${from} and ${id} name other classes; open them one by one, or write them again with one list`,
      );
    }
    own ??= checkClasses(owner, names, `the metadata of ${id}`);
    from = id;
  }
  if (own && given) numbersIn(owner, from, own, given);
  if (given) return { classes: given, ...(own && { numbered: own }) };
  if (own) return { classes: own };
  const columns = files.flatMap(({ index }) => labels(index) ?? []);
  return { classes: classesIn(owner, columns, 'give classes') };
}

export interface RowSettings {
  readonly classes: ClassList;
  readonly boxClasses: ClassList | undefined;
  readonly targets: TargetOptions | undefined;
  /** Of the boxes. */
  readonly format: BoxFormat | undefined;
  /** What `RowIndex.passed` names: 'columns'. */
  readonly passed: string;
}

export class RowData implements OpenedDataset {
  readonly classes: readonly string[];
  readonly boxClasses?: readonly string[];
  readonly length: number;
  private readonly file: Float64Array;
  private readonly row: Float64Array;
  private readonly label: Float64Array;
  private readonly soft = new Map<number, Float32Array>();
  private readonly boxCheck?: LabelCheck;
  private readonly versions: ReadonlyMap<string, string | undefined>;
  private readonly targets: TargetOptions | undefined;
  private readonly format: BoxFormat | undefined;

  constructor(
    readonly name: string,
    { classes, boxClasses, targets, format, passed }: RowSettings,
    private readonly files: readonly RowFile[],
    readonly problems: Problem[],
  ) {
    this.targets = targets;
    this.versions = new Map(files.flatMap(({ versions }) => versions));
    this.format = format;
    const check = new LabelCheck(classes.classes, classes.numbered);
    this.classes = classes.classes;
    if (boxClasses) {
      this.boxClasses = boxClasses.classes;
      this.boxCheck = new LabelCheck(boxClasses.classes, boxClasses.numbered);
    }
    const [fileOf, rowOf, labelOf] = [new Numbers(), new Numbers(), new Numbers()];
    files.forEach(({ id, index }, f) => {
      const bad = new Set<number>();
      let left = 0;
      const leave = (row: number, reason: string) => {
        if (left++ < MOST_LISTED) problems.push(problem(row < 0 ? id : `${id}/${row}`, reason));
      };
      for (const [row, reason] of index.problems) {
        leave(row, reason);
        bad.add(row);
      }
      for (let row = 0; row < index.rows; row++) {
        if (bad.has(row)) continue;
        const found = this.labelOf(index, row, check);
        if (typeof found === 'string') {
          leave(row, found);
          continue;
        }
        if (typeof found !== 'number') this.soft.set(rowOf.length, found);
        fileOf.push(f);
        rowOf.push(row);
        labelOf.push(typeof found === 'number' ? found : 0);
      }
      if (left > MOST_LISTED)
        problems.push(
          problem(
            id,
            `${left - MOST_LISTED} more of it are left out, not listed one by one; fix those above first`,
          ),
        );
      this.noteLosses(id, index);
    });
    this.noteUnread(passed);
    this.file = fileOf.done();
    this.row = rowOf.done();
    this.label = labelOf.done();
    this.length = this.row.length;
  }

  versionOf(path: string): string | undefined {
    return this.versions.get(path);
  }

  item(i: number): Item {
    const part = this.files[this.file[i] as number];
    if (!part) throw new RangeError(`${this.name}: there is no item ${i} among ${this.length}`);
    const { id, index } = part;
    const row = this.row[i] as number;
    const label: Label = this.soft.get(i) ?? (this.label[i] as number);
    const masks = Object.entries(index.masks).flatMap(([name, column]): [string, Mask][] => {
      const image = imageAt(part, column, row);
      return image ? [[name, { image }]] : [];
    });
    const { boxes, keypoints } = index;
    const targets = withSettings(
      {
        ...(masks.length > 0 && { masks: Object.fromEntries(masks) }),
        ...(boxes &&
          this.boxCheck &&
          this.format && { boxes: { format: this.format, items: boxesAt(boxes, row, this.boxCheck) } }),
        ...(keypoints && { keypoints: { items: keypointsAt(keypoints, row) } }),
      },
      this.targets ?? {},
    );
    return {
      id: `${id}/${row}`,
      image: imageAt(part, index.image, row) as ImageRef,
      label,
      ...((masks.length > 0 || boxes || keypoints) && { targets }),
    };
  }

  /** The label of a row, or why it is left out. */
  private labelOf(index: RowIndex, row: number, check: LabelCheck): Label | string {
    if (index.image.lengths[row] === 0)
      return 'it holds no image; put its bytes into the file, or remove the row';
    if (!index.labels) return 0;
    const raw = rawAt(index.labels, row);
    if (raw === undefined) return 'it has no label; give it one, or remove the row';
    const checked = check.check(raw);
    return refused(checked) ? checked.reason : checked;
  }

  /** Columns that are not read: one line for all files that have the same ones. */
  private noteUnread(kind: string): void {
    const filesOf = new Map<string, string[]>();
    for (const { id, index } of this.files) {
      const { length } = index.passed;
      if (length === 0) continue;
      const reason = `${length} of its ${kind} ${length === 1 ? 'is' : 'are'} not read: ${showNames(index.passed)}; name in the options what should be`;
      filesOf.set(reason, [...(filesOf.get(reason) ?? []), id]);
    }
    for (const [reason, [first = '', ...more]] of filesOf) {
      const others = more.length > 0 ? ` (and so of ${more.length} other files)` : '';
      this.problems.push(problem(first, reason + others, 0));
    }
  }

  /** What of a file is left out, though its rows are used. */
  private noteLosses(id: string, { boxes, masks, rows }: RowIndex): void {
    for (const [name, { lengths }] of Object.entries(masks)) {
      const lacking = lengths.reduce((sum, length) => sum + Number(length === 0), 0);
      if (lacking > 0) {
        const reason = `${lacking} of ${rows} rows have no mask '${name}', whose rows hold its ignore; add masks`;
        this.problems.push(problem(id, reason, 0));
      }
    }
    if (boxes && boxes.dropped > 0) {
      const reason = `${boxes.dropped} boxes are dropped because they have no area or are no four numbers, the first of row ${boxes.firstDropped}; check the format of the boxes, or fix them`;
      this.problems.push(problem(id, reason, 0));
    }
    const odd = boxes && this.boxCheck && badBoxLabels(boxes, this.boxCheck);
    if (odd?.first) {
      this.problems.push(
        problem(id, `${odd.count} boxes are dropped, the first of row ${odd.row}: ${odd.first}`, 0),
      );
    }
  }
}

function imageAt(part: RowFile, column: ImageColumn, row: number): ImageRef | undefined {
  const length = column.lengths[row] as number;
  if (length === 0) return undefined;
  const path = column.inFile[row] === 1 ? part.path : part.cached;
  return { kind: 'range', path, offset: column.offsets[row] as number, length };
}
