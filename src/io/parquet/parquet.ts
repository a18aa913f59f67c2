import { z } from 'zod';
import { messageOf, parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { cacheDir } from '../cache-dir.js';
import { classesOption } from '../classes.js';
import { type OpenedDataset, type Problem, problem } from '../problems.js';
import { filesOfAnywhere } from '../remote/anywhere.js';
import { downloadOptions } from '../remote/localize.js';
import { classesOf, RowData, type RowFile, type RowIndex } from '../row-data.js';
import { namesOf, shortNames } from '../short-names.js';
import { boxFormat, targetOptions, unusedSetting } from '../target-options.js';
import { unpacked } from '../unpacked/unpacked.js';
import { CacheError } from '../unpacked/unpacked-writer.js';
import { type IndexOptions, indexParquet, PARQUET_INDEX } from './parquet-index.js';

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
      format: boxFormat,
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
 * @throws UsageError if a file is missing, the packages that read Parquet are, or a file of `rxaug prepare` names another
 * format of its boxes; RxaugError if no sample is usable. Files
 * and rows that cannot be read are in `problems`, and so are columns that are not read.
 *
 * @example
 * const data = await openParquet('data/insects.parquet');
 * [data.length, data.classes] // → [7, ['ant', 'bee', 'cat']]
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
  const files: RowFile[] = [];
  for (const [i, { path, version }] of found.entries()) {
    const id = ids[i] as string;
    try {
      const {
        path: cached,
        index,
        version: unpackedVersion,
      } = await unpacked<RowIndex>({
        owner: OWNER,
        path,
        version,
        options: [PARQUET_INDEX, columns],
        folder: o.cache === true ? cacheDir('unpacked') : o.cache || undefined,
        unpack: (out) => indexParquet(path, columns, out),
      });
      const versions = [[cached, unpackedVersion] as const];
      if (version !== undefined) versions.push([path, version]);
      files.push({ id, path, cached, versions, index });
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
  const data = new RowData(
    name,
    { classes, boxClasses, targets: o.targets, format: o.boxes?.format, passed: 'columns and fields' },
    files,
    problems,
  );
  if (data.length > 0) return data;
  const first = problems[0];
  const why = first
    ? `the first of ${problems.length} problems: ${first.where}: ${first.reason}`
    : 'they have no rows';
  throw new RxaugError(`${OWNER}: no usable sample in ${name}; ${why}`);
}
