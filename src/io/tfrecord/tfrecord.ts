import { z } from 'zod';
import { parseOptions, UsageError } from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { classesOption } from '../classes.js';
import { openRows } from '../open-rows.js';
import type { OpenedDataset } from '../problems.js';
import { downloadOptions } from '../remote/localize.js';
import type { RowIndex } from '../row-data.js';
import { masksByName, masksOption, otherFormat, targetOptions, unusedSetting } from '../target-options.js';
import { packingOfFile } from '../unpacked/inflate.js';
import { plainFile } from '../unpacked/plain-file.js';
import { unpacked } from '../unpacked/unpacked.js';
import { indexRecords, RECORD_INDEX, type RecordOptions } from './record-index.js';
import { RecordReader } from './records.js';

const OWNER = 'tfrecord';

export const tfrecordSchema = z.strictObject({
  name: z.string().optional(),
  /** All class names, or the path of a file with one a line. */
  classes: classesOption,
  /** The feature of the images, encoded. */
  image: z.string().default('image/encoded'),
  /** The feature of the labels, numbers or names; false: images without labels, all of the one class 'unlabeled'. */
  label: z.union([z.string(), z.literal(false)]).default('image/class/label'),
  /** The number of the first class, where labels are numbers. */
  firstLabel: z.int().min(0).default(0),
  /** The feature of a mask, as PNG, or of several by name. */
  masks: masksOption,
  /** Boxes as TensorFlow's Object Detection API has them: shares of the sides in PREFIXxmin, ymin, xmax, ymax. */
  boxes: z
    .strictObject({
      prefix: z.string().default('image/object/bbox/'),
      /** The feature of their labels, numbers or names. */
      label: z.string().default('image/object/class/label'),
      /** The number of the first class of boxes; the API begins with 1. */
      firstLabel: z.int().min(0).default(1),
      classes: classesOption,
    })
    .optional(),
  /** Settings of the targets. */
  targets: targetOptions.optional(),
  /** Where indexes and unpacked files are kept: the user's cache folder, another one, or nowhere. */
  cache: z.union([z.boolean(), z.string()]).default(true),
  /** How URLs are fetched: `cache`, `maxCacheBytes`, `maxFileBytes`, `connections`, `onProgress`. */
  download: downloadOptions.optional(),
});

/** Options of `tfrecord` and `openTfrecord`: features, `classes`, `targets`, `cache`, `download`, `name`. */
export type TfrecordOptions = z.input<typeof tfrecordSchema>;

/**
 * TFRecord files of `tf.train.Example` as a data set with random access; the features are those of `tfrecord`. Files are
 * read once for their index, every checksum is checked, and images stay in the files and are read by byte range. Files
 * that are compressed with gzip or zlib are unpacked once to the cache folder.
 *
 * @param patterns paths, URLs or patterns, one or several: `train-*.tfrecord`, `train-?????-of-00010`
 * @throws UsageError if a file is missing; RxaugError if no sample is usable. Files and records that cannot be read are in
 * `problems`, and so are features that are not read.
 *
 * @example
 * const data = await openTfrecord('data/insects.tfrecord', { classes: ['ant', 'bee', 'cat'] });
 * data.length // → 6
 */
export async function openTfrecord(
  patterns: string | readonly string[],
  options: TfrecordOptions = {},
): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, tfrecordSchema, options);
  const folder = cacheFolder('unpacked', o.cache);
  const masks = masksByName(o.masks) ?? {};
  const has = { masks: Object.keys(masks), boxes: o.boxes !== undefined };
  const unused = unusedSetting(OWNER, o.targets, has) ?? otherFormat(OWNER, o.targets, 'normalized');
  if (unused) throw new UsageError(unused);
  const features: RecordOptions = {
    image: o.image,
    label: o.label,
    firstLabel: o.firstLabel,
    masks,
    ...(o.boxes && {
      boxes: { prefix: o.boxes.prefix, label: o.boxes.label, firstLabel: o.boxes.firstLabel },
    }),
  };
  return openRows(
    {
      owner: OWNER,
      boxes: 'normalized',
      parts: 'features',
      rows: 'records',
      fault: (message) => `it cannot be read (${message})`,
      async open(file) {
        // The first length may begin with the bytes by which gzip and zlib are known: its checksum decides.
        const packing = isPlain(file.path) ? undefined : packingOfFile(file.path);
        const { path, version, fault } = await plainFile(OWNER, file, packing, folder);
        const index = await indexOf(path, features, folder);
        return { path, cached: path, versions: [[path, version]], index, fault };
      },
    },
    patterns,
    o,
  );
}

function isPlain(path: string): boolean {
  const reader = new RecordReader(path);
  try {
    return reader.isPlain();
  } finally {
    reader.dispose();
  }
}

async function indexOf(path: string, features: RecordOptions, folder: string | undefined): Promise<RowIndex> {
  if (folder === undefined) return indexRecords(path, features);
  const options = [RECORD_INDEX, features];
  const unpack = () => indexRecords(path, features);
  return (await unpacked({ owner: OWNER, path, options, folder, unpack })).index;
}
