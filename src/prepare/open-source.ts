/** Any data set that a path names. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { messageOf, show, UsageError } from '../core/index.js';
import { naturalOrder, type OpenedDataset } from '../io/index.js';
import { isRemote, refuseUrl, shownPlace } from '../io/remote/shown-place.js';
import { preparedEntries } from './prepared-folder.js';
import { FORMATS, type Place } from './source-formats.js';

export interface SourceOptions {
  /** False: classes do not matter, so no image is left out for want of one. Default true. */
  readonly labels?: boolean;
}

/**
 * The data set at a path, whatever its layout: shards (tar, Parquet, TFRecord, raw) by a pattern or in a folder, MDS, a table, Pascal VOC,
 * YOLO, COCO, a folder of class folders, a folder of images (class 0 of the one class 'unlabeled'), images by a pattern. Shards,
 * MDS, tables and the `data.yaml` of YOLO in S3 may be at URLs.
 *
 * @throws UsageError for a path that is none of these; what the reader of the layout throws
 * @example
 * const data = await openSource('photos');
 * data.classes // → ['cat', 'dog']
 */
export async function openSource(
  pattern: string,
  { labels = true }: SourceOptions = {},
): Promise<OpenedDataset> {
  const place = dataOf(placeOf(pattern), labels);
  const format = FORMATS.find((one) => one.is(place));
  if (isRemote(pattern) && (!format || format.local)) refuseUrl('source', pattern);
  if (!format && !existsSync(pattern) && !/[*?[{]|:\/\//.test(pattern))
    throw new UsageError(`source: there is no file or folder ${show(pattern)}; check the path`);
  if (!format)
    throw new UsageError(
      `source: expected ${FORMATS.map(({ name }) => name).join(', ')} but received ${show(pattern)}; check the path`,
    );
  return format.open(pattern, { labels }, place);
}

/** Without what `rxaug prepare` writes next to the data. */
function dataOf(place: Place, labels: boolean): Place {
  const { entries, pattern } = place;
  if (!entries) return place;
  return { pattern, entries, ...preparedEntries(pattern.replace(/\/+$/, ''), entries, labels) };
}

function placeOf(pattern: string): Place {
  if (isRemote(pattern)) return { pattern: shownPlace(pattern), remote: true };
  if (!statSync(pattern, { throwIfNoEntry: false })?.isDirectory()) return { pattern };
  try {
    const entries = readdirSync(pattern, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => naturalOrder(a.name, b.name))
      .map((entry) => ({ name: entry.name, folder: isFolder(pattern, entry) }));
    return { pattern, entries };
  } catch (error) {
    throw new UsageError(
      `source: ${show(pattern)} cannot be listed (${messageOf(error)}); check its permissions`,
      {
        cause: error,
      },
    );
  }
}

function isFolder(
  dir: string,
  entry: { name: string; isDirectory(): boolean; isSymbolicLink(): boolean },
): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(`${dir}/${entry.name}`, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
