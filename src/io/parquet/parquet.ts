import { z } from 'zod';
import { parseOptions, UsageError } from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { classesOption } from '../classes.js';
import { openRows } from '../open-rows.js';
import type { OpenedDataset } from '../problems.js';
import { downloadOptions } from '../remote/localize.js';
import { boxFormat, masksByName, masksOption, targetOptions, unusedSetting } from '../target-options.js';
import { unpacked } from '../unpacked/unpacked.js';
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
  masks: masksOption,
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
  const masks = masksByName(o.masks) ?? {};
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
  return openRows(
    {
      owner: OWNER,
      boxes: o.boxes?.format,
      parts: 'columns and fields',
      rows: 'rows',
      fault: (message) => message,
      async open({ path, version }) {
        const { path: cached, ...found } = await unpacked({
          owner: OWNER,
          path,
          version,
          options: [PARQUET_INDEX, columns],
          folder: cacheFolder('unpacked', o.cache),
          unpack: (out) => indexParquet(path, columns, out),
        });
        const versions = [[cached, found.version] as const, [path, version] as const];
        return { path, cached, versions, index: found.index };
      },
    },
    patterns,
    o,
  );
}
