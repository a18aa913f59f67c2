/** Sources of files that hold many images as rows or records: Parquet and TFRecord. */
import type { Observable } from 'rxjs';
import type { Sample } from '../core/index.js';
import { openParquet, openTfrecord, parquetSchema, tfrecordSchema } from '../io/index.js';
import { samples } from './source.js';
import { splitOptions, type With } from './sources.js';

/**
 * Samples from Parquet files, as Hugging Face lays them out: a column of images (`struct<bytes, path>`, or bytes alone) and
 * one of labels (numbers, names, booleans, or a list of shares). The names of the classes come from `classes`, else from the
 * metadata of Hugging Face, else from the labels.
 *
 * Images that stand uncompressed in the file are read in place; others are unpacked once to the cache folder, page by page.
 *
 * @param patterns paths, URLs or patterns, one or several: `data/train-*.parquet`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: the columns `image`,
 * `label`, `masks`, `boxes`, `keypoints`; `classes`, `targets`, `cache`, `download`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if a file is missing and with
 * RxaugError if no row is usable. Rows that cannot be used and columns that are not read are in `origin.problems`.
 *
 * @example
 * const batches$ = parquet('data/insects.parquet', { boxes: { format: 'coco' } }).pipe(batch(8));
 * for await (const b of pull(batches$)) {
 *   console.log(b.size, b.origin.classes); // 7 ['ant', 'bee', 'cat']
 *   b.dispose();
 * }
 */
export function parquet(
  patterns: string | readonly string[],
  options: With<typeof parquetSchema> = {},
): Observable<Sample> {
  const { source, reader } = splitOptions('parquet', parquetSchema, options);
  return samples(() => openParquet(patterns, reader), source, 'parquet');
}

/**
 * Samples from TFRecord files of `tf.train.Example`: a feature with the encoded image and one with the label, a number, a
 * name, or several floats as a distribution. All checksums are checked when a file is opened; images are read in place.
 * Files that are compressed with gzip or zlib are unpacked once to the cache folder.
 *
 * @param patterns paths, URLs or patterns, one or several: `train-?????-of-00010`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: the features `image`,
 * `label`, `masks`, `boxes`; `firstLabel`, `classes`, `targets`, `cache`, `download`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if a file is missing and with
 * RxaugError if no record is usable. Records that cannot be used and features that are not read are in `origin.problems`.
 *
 * @example
 * const batches$ = tfrecord('data/insects.tfrecord', { label: 'image/class/text' }).pipe(batch(8));
 * for await (const b of pull(batches$)) {
 *   console.log(b.size, b.origin.classes); // 6 ['ant', 'bee', 'cat']
 *   b.dispose();
 * }
 */
export function tfrecord(
  patterns: string | readonly string[],
  options: With<typeof tfrecordSchema> = {},
): Observable<Sample> {
  const { source, reader } = splitOptions('tfrecord', tfrecordSchema, options);
  return samples(() => openTfrecord(patterns, reader), source, 'tfrecord');
}
