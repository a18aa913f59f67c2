import { statSync } from 'node:fs';
import { z } from 'zod';
import {
  type BoxFormat,
  type ImageRef,
  type Item,
  type Label,
  type Mask,
  messageOf,
  parseOptions,
  RxaugError,
  showNames,
  UsageError,
} from '../../core/index.js';
import { cacheDir } from '../cache-dir.js';
import { checkClasses, classesOption, givenClasses, LabelCheck, numbersIn, refused } from '../classes.js';
import { type OpenedDataset, type Problem, problem } from '../problems.js';
import { badBoxLabels, boxesAt, keypointsAt } from '../raw-boxes.js';
import { classesIn, Numbers, type RawColumn, rawAt } from '../raw-column.js';
import { filesOfAnywhere } from '../remote/anywhere.js';
import { downloadOptions } from '../remote/localize.js';
import { namesOf, shortNames } from '../short-names.js';
import { type TargetOptions, targetOptions, unusedSetting, withSettings } from '../target-options.js';
import { unpacked } from '../unpacked/unpacked.js';
import { CacheError } from '../unpacked/unpacked-writer.js';
import {
  type ImageColumn,
  type IndexOptions,
  indexParquet,
  PARQUET_INDEX,
  type ParquetIndex,
} from './parquet-index.js';

const OWNER = 'parquet';

export const parquetSchema = z.strictObject({
  name: z.string().optional(),
  /** All class names, or the path of a file with one a line; those of the data are matched to them. */
  classes: classesOption,
  /** The column of the images: `struct<bytes, path>` as Hugging Face writes it, or bytes alone. */
  image: z.string().default('image'),
  /** The column of the labels; false: images without labels, all of the one class 'unlabeled'. */
  label: z.union([z.string(), z.literal(false)]).default('label'),
  /** The column of a mask, or of several by name. */
  masks: z.union([z.string(), z.record(z.string().min(1), z.string())]).optional(),
  /** Boxes in a column of objects, and the format that they are in. */
  boxes: z
    .strictObject({
      format: z.enum(['voc', 'coco', 'yolo', 'normalized']),
      column: z.string().default('objects'),
      box: z.string().default('bbox'),
      label: z.string().default('category'),
      /** Names of the classes of boxes, where the data do not give them. */
      classes: classesOption,
    })
    .optional(),
  /** The column of the keypoints: a list of `{ x, y, name, instance, visible }`. */
  keypoints: z.string().optional(),
  /** Settings of the targets. */
  targets: targetOptions.optional(),
  /** Where unpacked images and indexes are kept: the user's cache folder, or another one. */
  cache: z.union([z.boolean(), z.string()]).default(true),
  /** How URLs are fetched: `cache`, `maxCacheBytes`, `maxFileBytes`, `connections`, `onProgress`. */
  download: downloadOptions.optional(),
});

/** Options of `parquet` and `openParquet`: columns, `classes`, `targets`, `cache`, `download`, `name`. */
export type ParquetOptions = z.input<typeof parquetSchema>;

/**
 * Parquet files as a data set with random access; the layout is that of `parquet`. Compressed images are unpacked once to
 * the cache folder; images that are stored as they are stay in the files and are read by byte range.
 *
 * @param patterns paths, URLs or patterns, one or several: `train-*.parquet`
 * @throws UsageError if a file is missing or the packages that read Parquet are; RxaugError if no sample is usable. Files
 * and rows that cannot be read are in `problems`, and so are columns that are not read.
 *
 * @example
 * const data = await openParquet('digits.parquet');
 * [data.length, data.classes] // → [4, ['zero', 'one']]
 */
export async function openParquet(
  patterns: string | readonly string[],
  options: ParquetOptions = {},
): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, parquetSchema, options);
  const masks = typeof o.masks === 'string' ? { mask: o.masks } : (o.masks ?? {});
  const unused = unusedSetting(OWNER, o.targets, {
    masks: Object.keys(masks),
    boxes: o.boxes !== undefined,
    keypoints: o.keypoints !== undefined,
  });
  if (unused) throw new UsageError(unused);
  if (o.targets?.boxes?.format && o.targets.boxes.format !== o.boxes?.format)
    throw new UsageError(`${OWNER}: boxes have two formats; give it as boxes: { format } alone`);
  const columns: IndexOptions = {
    image: o.image,
    label: o.label,
    masks,
    ...(o.boxes && {
      boxes: { column: o.boxes.column, box: o.boxes.box, label: o.boxes.label },
      format: o.boxes.format,
    }),
    ...(o.keypoints !== undefined && { keypoints: o.keypoints }),
  };
  const found = await filesOfAnywhere(OWNER, patterns, o.download);
  const ids = shortNames(found.map(({ source }) => source));
  const problems: Problem[] = [];
  const files: ParquetPart[] = [];
  for (const [i, { path, version }] of found.entries()) {
    const id = ids[i] as string;
    try {
      const { path: cached, index } = await unpacked<ParquetIndex>({
        owner: OWNER,
        path,
        options: [PARQUET_INDEX, columns],
        folder: o.cache === true ? cacheDir('unpacked') : o.cache || undefined,
        unpack: (out) => indexParquet(path, columns, out),
      });
      files.push({ id, path, cached, version: version ?? stampOf(path), index });
    } catch (error) {
      if (error instanceof UsageError || error instanceof CacheError) throw error;
      problems.push(problem(id, `${messageOf(error)}; check the file`));
    }
  }
  const name = o.name ?? namesOf(patterns);
  const boxClasses =
    o.boxes &&
    classesOf(`${OWNER}: boxes`, o.boxes.classes, files, 'boxClasses', ({ boxes }) => boxes?.labels);
  const classes =
    o.label === false
      ? { classes: ['unlabeled'] }
      : classesOf(OWNER, o.classes, files, 'classes', ({ labels }) => labels);
  const data = new Parquet(name, classes, boxClasses, files, problems, o.targets, o.boxes?.format);
  if (data.length > 0) return data;
  const first = problems[0];
  const why = first
    ? `the first of ${problems.length} problems: ${first.where}: ${first.reason}`
    : 'they have no rows';
  throw new RxaugError(`${OWNER}: no usable sample in ${name}; ${why}`);
}

interface ParquetPart {
  readonly id: string;
  readonly path: string;
  /** The file with the unpacked images. */
  readonly cached: string;
  /** What identifies the bytes of both. */
  readonly version: string;
  readonly index: ParquetIndex;
}

interface ClassList {
  readonly classes: readonly string[];
  /** Those that numbers refer to, if different. */
  readonly numbered?: readonly string[];
}

/** The classes that are given, else those that the files name, else those that occur. */
function classesOf(
  owner: string,
  option: z.output<typeof classesOption>,
  files: readonly ParquetPart[],
  kind: 'classes' | 'boxClasses',
  labels: (index: ParquetIndex) => RawColumn | undefined,
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

class Parquet implements OpenedDataset {
  readonly classes: readonly string[];
  readonly boxClasses?: readonly string[];
  readonly length: number;
  private readonly file: Float64Array;
  private readonly row: Float64Array;
  private readonly label: Float64Array;
  private readonly soft = new Map<number, Float32Array>();
  private readonly boxCheck?: LabelCheck;

  constructor(
    readonly name: string,
    classes: ClassList,
    boxClasses: ClassList | undefined,
    private readonly files: readonly ParquetPart[],
    readonly problems: Problem[],
    private readonly targets: TargetOptions | undefined,
    private readonly format: BoxFormat | undefined,
  ) {
    const check = new LabelCheck(classes.classes, classes.numbered);
    this.classes = classes.classes;
    if (boxClasses) {
      this.boxClasses = boxClasses.classes;
      this.boxCheck = new LabelCheck(boxClasses.classes, boxClasses.numbered);
    }
    const [fileOf, rowOf, labelOf] = [new Numbers(), new Numbers(), new Numbers()];
    files.forEach(({ id, index }, f) => {
      const bad = new Set<number>();
      for (const [row, reason] of index.problems) {
        problems.push(problem(row < 0 ? id : `${id}/${row}`, reason));
        bad.add(row);
      }
      for (let row = 0; row < index.rows; row++) {
        if (bad.has(row)) continue;
        const found = this.labelOf(index, row, check);
        if (typeof found === 'string') {
          problems.push(problem(`${id}/${row}`, found));
          continue;
        }
        if (typeof found !== 'number') this.soft.set(rowOf.length, found);
        fileOf.push(f);
        rowOf.push(row);
        labelOf.push(typeof found === 'number' ? found : 0);
      }
      this.tell(id, index);
    });
    this.file = fileOf.done();
    this.row = rowOf.done();
    this.label = labelOf.done();
    this.length = this.row.length;
  }

  versionOf(path: string): string | undefined {
    const part = this.files.find((file) => file.path === path || file.cached === path);
    return part && `${part.version}${path === part.cached ? ' unpacked' : ''}`;
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
  private labelOf(index: ParquetIndex, row: number, check: LabelCheck): Label | string {
    if (index.image.lengths[row] === 0)
      return 'it holds no image; embed its bytes in the file, or remove the row';
    if (!index.labels) return 0;
    const raw = rawAt(index.labels, row);
    if (raw === undefined) return 'it has no label; give it one, or remove the row';
    const checked = check.check(raw);
    return refused(checked) ? checked.reason : checked;
  }

  /** What of a file is not used, though its rows are. */
  private tell(id: string, index: ParquetIndex): void {
    const { passed, boxes, masks } = index;
    if (passed.length > 0) {
      const columns =
        passed.length === 1 ? '1 column or field of it is' : `${passed.length} columns or fields of it are`;
      this.problems.push(
        problem(id, `${columns} not read: ${showNames(passed)}; name the ones that should be`, 0),
      );
    }
    for (const [name, { lengths }] of Object.entries(masks)) {
      const lacking = lengths.reduce((sum, length) => sum + Number(length === 0), 0);
      if (lacking > 0) {
        const reason = `${lacking} of ${index.rows} rows have no mask '${name}', whose rows hold its ignore; add masks`;
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

function imageAt(part: ParquetPart, column: ImageColumn, row: number): ImageRef | undefined {
  const length = column.lengths[row] as number;
  if (length === 0) return undefined;
  const path = column.inFile[row] === 1 ? part.path : part.cached;
  return { kind: 'range', path, offset: column.offsets[row] as number, length };
}

/** What is unpacked from a local file is as old as the cache; the file itself is what counts. */
function stampOf(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${path} ${size} ${Math.round(mtimeMs)}`;
}
