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

/** Tar shards by pattern, `train-{000..009}.tar` or `data/*.tar`: images beside `.cls` or `.json` files. */
export function webdataset(
  patterns: string | readonly string[],
  options: With<typeof webdatasetSchema> = {},
): Observable<Sample> {
  const { source, reader } = splitOptions('webdataset', webdatasetSchema, options);
  return samples(() => openWebdataset(patterns, reader), source, 'webdataset');
}

/**
 * A folder of folders, one a class, in natural order of their names; masks in a folder of their own. With `classes`, a
 * list of names or the path of a file with one a line, folders are matched to it by name: so that a folder for
 * validation has the numbers of the one for training, though it lacks a class.
 */
export function imageFolder(dir: string, options: With<typeof imageFolderSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('imageFolder', imageFolderSchema, options);
  return samples(() => openImageFolder(dir, reader), source, 'imageFolder');
}

/** Images that are in memory, [N, H, W, C] uint8, and their masks, boxes and keypoints. */
export function arrays(data: Arrays, options: With<typeof arraysSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('arrays', arraysSchema, options);
  return samples(openArrays(data, reader.targets), source, 'arrays');
}

/** Any iterable, async iterable, ReadableStream or Observable of `{ image, label }`. */
export function fromItems(
  items: Items | (() => Items),
  options: With<typeof itemsSchema>,
): Observable<Sample> {
  const { source, reader } = splitOptions('fromItems', itemsSchema, options);
  return samples(openItems(items, reader), source, 'fromItems');
}
