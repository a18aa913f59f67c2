/** Any data set that a path names. */
import { readdirSync, statSync } from 'node:fs';
import { messageOf, show, UsageError } from '../core/index.js';
import { type OpenedDataset, openImageFolder, openWebdataset } from '../io/index.js';
import { isImage, openPlainFiles, openPlainFolder } from './image-files.js';

export interface SourceOptions {
  /** False: classes do not matter, so no image is left out for want of one. Default true. */
  readonly labels?: boolean;
}

/** What a path or pattern points to. */
interface Place {
  readonly pattern: string;
  /** What is directly in it, hidden names left out; undefined for what is no folder. */
  readonly entries?: readonly { readonly name: string; readonly folder: boolean }[];
}

/** One layout of data sets, and how it is recognized. */
interface SourceFormat {
  /** For the error that lists them. */
  readonly name: string;
  is(place: Place): boolean;
  open(pattern: string, options: Required<SourceOptions>): Promise<OpenedDataset> | OpenedDataset;
}

const isTar = (name: string) => name.endsWith('.tar');

/** In the order in which they are tried. */
const FORMATS: readonly SourceFormat[] = [
  {
    name: 'tar shards (train-{000..009}.tar)',
    is: ({ entries, pattern }) => entries === undefined && isTar(pattern),
    open: (pattern, { labels }) => openWebdataset(pattern, { labels }),
  },
  {
    name: 'a folder of tar shards',
    is: ({ entries }) => has(entries, ({ name }) => isTar(name)) && !has(entries, holdsImages),
    open: (dir, { labels }) => openWebdataset(`${dir.replace(/\/+$/, '')}/*.tar`, { labels }),
  },
  {
    name: 'a folder of class folders',
    is: ({ entries }) => has(entries, ({ folder }) => folder),
    open: (dir, { labels }) => (labels ? openImageFolder(dir) : openPlainFolder(dir)),
  },
  { name: 'a folder of images', is: ({ entries }) => entries !== undefined, open: openPlainFolder },
  { name: 'images by a pattern (photos/*.jpg)', is: ({ pattern }) => isImage(pattern), open: openPlainFiles },
];

/**
 * The data set at a path, whatever its layout: tar shards by a pattern or in a folder, a folder of class folders, a folder of
 * images (class 0 of the one class 'unlabeled'), images by a pattern.
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
  const place = placeOf(pattern);
  const format = FORMATS.find((one) => one.is(place));
  if (!format)
    throw new UsageError(
      `source: expected ${FORMATS.map(({ name }) => name).join(', ')} but received ${show(pattern)}; check the path`,
    );
  return format.open(pattern, { labels });
}

function has(
  entries: Place['entries'],
  which: (entry: { name: string; folder: boolean }) => boolean,
): boolean {
  return entries?.some(which) ?? false;
}

const holdsImages = ({ name, folder }: { name: string; folder: boolean }) => folder || isImage(name);

function placeOf(pattern: string): Place {
  if (!statSync(pattern, { throwIfNoEntry: false })?.isDirectory()) return { pattern };
  try {
    const entries = readdirSync(pattern, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
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
