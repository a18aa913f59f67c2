/** Sources whose images are pixels or byte ranges of a few large files: raw caches, MDS shards, NumPy arrays, IDX files. */
import type { Observable } from 'rxjs';
import type { Sample } from '../core/index.js';
import {
  idxSchema,
  mdsSchema,
  numpySchema,
  openIdx,
  openMds,
  openNumpy,
  openRawCache,
  rawCacheSchema,
} from '../io/index.js';
import { samples } from './source.js';
import { splitOptions, type With } from './sources.js';

/**
 * Samples from a raw cache: images of one size as pixels, which nothing decodes, as `rxaug prepare --format raw` writes
 * them. Pixels are read from the files where they are rendered, and of a crop only its rows; with `memory: true` all of
 * them are read once, to shared memory.
 *
 * @param patterns paths or patterns of the shards, one or several: `cache/train-*.raw`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `classes`, `targets`,
 * `memory` (default false), `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if a shard is missing and with
 * RxaugError if none is usable, or memory does not suffice. Shards that cannot be used are in `origin.problems`.
 *
 * @example
 * const batches$ = rawCache('cache/train-*.raw', { shuffle: true }).pipe(horizontalFlip(), batch(8));
 * for await (const b of pull(batches$, { workers: 0 })) {
 *   console.log(b.size, b.origin.classes);
 *   b.dispose();
 * }
 * // → 8 ['cat', 'dog']
 */
export function rawCache(
  patterns: string | readonly string[],
  options: With<typeof rawCacheSchema> = {},
): Observable<Sample> {
  const { source, reader } = splitOptions('rawCache', rawCacheSchema, options);
  return samples(() => openRawCache(patterns, reader), source, 'rawCache');
}

/**
 * Samples from a folder of MosaicML's MDS shards (version 2), `train/index.json` and `train/shard.00000.mds`. Images (`jpeg`,
 * `png`, `pil`, or images as `bytes`) are read by byte range. Labels are `int`, other numbers, `str`, `json`, or
 * distributions as `ndarray`; pickled columns are never read. Masks are the columns `mask` and `mask.NAME`, boxes and
 * keypoints the `json` columns of these names.
 *
 * @param dir the folder with `index.json`: that of one split
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `image` and `label`
 * (columns; found by their encodings and usual names; `label: false` for images without labels), `classes`, `targets`,
 * `cache`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if there is no index, or no column
 * is known to be image or label, and with RxaugError if no sample is usable. Shards and samples that cannot be used are in
 * `origin.problems`.
 *
 * @example
 * const batches$ = mds('shards/train').pipe(batch(8));
 * for await (const b of pull(batches$, { workers: 0 })) {
 *   console.log([...b.labels].join(' '), b.height, b.width);
 *   b.dispose();
 * }
 * // → 0 0 0 0 1 1 1 1 32 48
 */
export function mds(dir: string, options: With<typeof mdsSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('mds', mdsSchema, options);
  return samples(() => openMds(dir, reader), source, 'mds');
}

/**
 * Samples from images in a NumPy file: uint8 [N, H, W, C], [N, C, H, W] (`layout: 'NCHW'`) or [N, H, W], in the order of C.
 * Pixels are read from the file where they are rendered, whatever its size. Of an `.npz`, `images` and `labels` are names of
 * arrays; compressed ones are unpacked once to the cache folder. Files with Python objects are refused.
 *
 * @param path a `.npy` or `.npz`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `labels` (a `.npy` of [N]
 * whole numbers or names, or of [N, K] distributions; the name of an array; or false), `images`, `layout`, `classes`,
 * `cache`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError for a file that cannot be read or
 * holds another array, and with RxaugError if no label is usable. Labels that are no class are in `origin.problems`.
 *
 * @example
 * const batches$ = numpy('digits.npy', { labels: 'digits-labels.npy' }).pipe(batch(8));
 * for await (const b of pull(batches$, { workers: 0 })) {
 *   console.log([...b.labels].join(' '), b.height, b.width);
 *   b.dispose();
 * }
 * // → 0 0 0 0 1 1 1 1 32 48
 */
export function numpy(path: string, options: With<typeof numpySchema>): Observable<Sample> {
  const { source, reader } = splitOptions('numpy', numpySchema, options);
  return samples(() => openNumpy(path, reader), source, 'numpy');
}

/**
 * Samples from IDX files, the format of MNIST: unsigned bytes [N, H, W] or [N, H, W, C], and N labels. Files compressed with
 * gzip are unpacked once to the cache folder.
 *
 * @param path of the images: `train-images-idx3-ubyte`, or with `.gz`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `labels` (the path of
 * their file, or false), `classes`, `cache`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError for a file that cannot be read or
 * is of another form, and with RxaugError if no label is usable. What is left out is in `origin.problems`.
 *
 * @example
 * const batches$ = idx('digits-idx3-ubyte', { labels: 'digits-idx1-ubyte' }).pipe(batch(8));
 * for await (const b of pull(batches$, { workers: 0 })) {
 *   console.log([...b.labels].join(' '), b.height, b.width);
 *   b.dispose();
 * }
 * // → 0 0 0 0 1 1 1 1 32 48
 */
export function idx(path: string, options: With<typeof idxSchema>): Observable<Sample> {
  const { source, reader } = splitOptions('idx', idxSchema, options);
  return samples(() => openIdx(path, reader), source, 'idx');
}
