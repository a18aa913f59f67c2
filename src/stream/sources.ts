/** The sources that a pipeline begins with: each a stream of samples, read as it is asked for. */
import type { Observable } from 'rxjs';
import type { z } from 'zod';
import { parseOptions, type Sample } from '../core/index.js';
import {
  type Arrays,
  arraysSchema,
  type Items,
  imageFolderSchema,
  itemsSchema,
  openArrays,
  openImageFolder,
  openItems,
  openWebdataset,
  webdatasetSchema,
} from '../io/index.js';
import { type SourceOptions, samples, sourceOptions } from './source.js';

/** Checks options of a source and of its reader together, and separates them again. */
export function splitOptions<S extends z.ZodObject>(owner: string, reader: S, given: object) {
  const all = parseOptions(owner, sourceOptions.extend(reader.shape), given) as Record<string, unknown>;
  const own: Record<string, unknown> = {};
  const theirs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(all)) (name in sourceOptions.shape ? own : theirs)[name] = value;
  return { source: own as SourceOptions, reader: theirs as z.input<S> };
}

export type With<S extends z.ZodObject> = SourceOptions & z.input<S>;

/**
 * Samples from tar shards in the WebDataset layout: each image beside a `.cls` or `.json` file of the same name
 * (`a.jpg`, `a.cls`). Shards are indexed once, and the index is cached; images are read from the archive when they are
 * rendered.
 *
 * `.cls` holds a class number or a class name, `.json` holds it in `label` or `cls`. Classes come from `classes`, else
 * from `classes.txt` beside the first shard, else from the labels. Masks are `a.mask.png` or `a.seg.png`; boxes and
 * keypoints are in `a.json` (see docs/targets.md).
 *
 * URLs (`https://`, `s3://`) are fetched to the cache folder when the stream begins.
 *
 * @param patterns paths, URLs or patterns, one or several: `train-{000..009}.tar`, `data/*.tar`, `s3://bucket/*.tar`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `classes`,
 * `labels: false` for images without labels, `labelField`, `targets`, `cache`, `download` (how URLs are fetched), `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if a shard is missing and with
 * RxaugError if one cannot be fetched or no sample is usable. A sample that cannot be used is left out and counted in `origin.problems`.
 *
 * @example
 * const batches$ = webdataset('data/train-*.tar', { shuffle: true, seed: 1 }).pipe(batch(8));
 * for await (const b of pull(batches$)) {
 *   console.log(b.size, b.origin.classes.length); // 8 images of 2 classes
 *   b.dispose();
 * }
 */
export function webdataset(
  patterns: string | readonly string[],
  options: With<typeof webdatasetSchema> = {},
): Observable<Sample> {
  const { source, reader } = splitOptions('webdataset', webdatasetSchema, options);
  return samples(() => openWebdataset(patterns, reader), source, 'webdataset');
}

/**
 * Samples from a folder with one folder per class: `photos/cat/7.jpg`, `photos/dog/1.png`, at any depth below the class
 * folder. Class i is the i-th class folder in natural order of the names (`class9` before `class10`). Files come in
 * natural order; hidden files and files that are no images are left out and counted in `origin.problems`.
 *
 * With `classes` (a list of names, or the path of a file with one name a line) folders are matched to the list by name.
 * Give a validation set the list of the training set: it then has the same class numbers even if it lacks a class.
 *
 * @param dir the folder that holds the class folders
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`), `classes`, `masks` (a folder of PNG
 * masks laid out as the images are, or several by name) and `targets` (settings of the masks)
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if the folder has no class folder
 * or a class folder holds no image
 *
 * @example
 * const batches$ = imageFolder('photos').pipe(batch(8));
 * for await (const b of pull(batches$)) {
 *   console.log(b.origin.classes, [...b.labels].join(' '), b.height, b.width);
 *   b.dispose();
 * }
 * // → ['cat', 'dog'] 0 0 0 0 1 1 1 1 32 48
 */
export function imageFolder(dir: string, options: With<typeof imageFolderSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('imageFolder', imageFolderSchema, options);
  return samples(() => openImageFolder(dir, reader), source, 'imageFolder');
}

/**
 * Samples from images in memory, uint8 [N, H, W, C] with values 0..255, and their labels, masks, boxes and keypoints.
 * The images are copied once to shared memory, unless they are on a SharedArrayBuffer already; workers read them there.
 *
 * @param data images, labels, sizes and class names; see `Arrays`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and `targets`; boxes need
 * `targets: { boxes: { format } }`
 * @throws UsageError if sizes do not match; RxaugError if a label is not a class
 *
 * @example
 * const images = new Uint8Array(2 * 8 * 8 * 3).fill(128); // two gray images of 8 × 8
 * const samples$ = arrays({ images, labels: [0, 1], width: 8, height: 8, classes: ['cat', 'dog'] });
 * samples$.subscribe(({ id, label }) => console.log(id, label));
 */
export function arrays(data: Arrays, options: With<typeof arraysSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('arrays', arraysSchema, options);
  return samples(openArrays(data, reader.targets), source, 'arrays');
}

/**
 * Samples from any iterable, async iterable, ReadableStream or Observable of `{ image, label }`. An image is a path, a
 * file URL, encoded bytes, or pixels `{ data, width, height, channels }` in uint8.
 *
 * Iterables are read one item at a time. An Observable cannot be paused: its items wait in memory, at most `maxBuffered`
 * (default 100,000); more end the stream with an error. A source that can be iterated only once is given as a function,
 * which is called at each epoch.
 *
 * @param items the items, or a function that returns them
 * @param options `classes` (names, or how many), `maxBuffered`, `targets`, `name`, and those of the source (`seed`,
 * `epochs`)
 * @throws UsageError for unknown options, in the call; the stream fails with RxaugError if no item is usable. An item
 * that cannot be used is left out and counted in `origin.problems`.
 *
 * @example
 * const items = [{ image: 'photo.jpg', label: 'cat' }, { image: 'photo.png', label: 'dog' }];
 * const samples$ = fromItems(items, { classes: ['cat', 'dog'] });
 * for await (const { id, label } of pull(samples$)) console.log(id, label);
 */
export function fromItems(
  items: Items | (() => Items),
  options: With<typeof itemsSchema>,
): Observable<Sample> {
  const { source, reader } = splitOptions('fromItems', itemsSchema, options);
  return samples(openItems(items, reader), source, 'fromItems');
}
