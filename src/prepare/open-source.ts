/** Any data set that a path names. */
import { readdirSync, statSync } from 'node:fs';
import { messageOf, show, UsageError } from '../core/index.js';
import { naturalOrder, type OpenedDataset, openImageFolder, openWebdataset } from '../io/index.js';
import { openParquet } from '../io/parquet/parquet.js';
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
  open(
    pattern: string,
    options: Required<SourceOptions>,
    place: Place,
  ): Promise<OpenedDataset> | OpenedDataset;
}

const isTar = (name: string) => /\.(tar|tar\.gz|tgz)$/.test(name);
const isParquet = (name: string) => name.endsWith('.parquet');

/** Shards of one kind by a pattern, and in a folder that has nothing else to show. */
function shards(
  name: string,
  is: (name: string) => boolean,
  open: (patterns: string | readonly string[], labels: boolean) => Promise<OpenedDataset>,
): SourceFormat[] {
  return [
    {
      name,
      is: ({ entries, pattern }) => entries === undefined && is(pattern),
      open: (pattern, { labels }) => open(pattern, labels),
    },
    {
      name: 'a folder of them',
      is: ({ entries }) => has(entries, (entry) => is(entry.name)) && !has(entries, holdsImages),
      open: (dir, { labels }, { entries = [] }) =>
        open(
          entries
            .filter((entry) => is(entry.name))
            .map((entry) => `${dir.replace(/\/+$/, '')}/${entry.name}`),
          labels,
        ),
    },
  ];
}

/** In the order in which they are tried. */
const FORMATS: readonly SourceFormat[] = [
  ...shards('tar shards (train-{000..009}.tar)', isTar, (patterns, labels) =>
    openWebdataset(patterns, { labels }),
  ),
  ...shards('Parquet (train-*.parquet)', isParquet, (patterns, labels) =>
    openParquet(patterns, labels ? {} : { label: false }),
  ),
  {
    name: 'a folder of class folders',
    is: ({ entries }) => has(entries, ({ folder }) => folder),
    open: (dir, { labels }) => (labels ? openImageFolder(dir) : openPlainFolder(dir)),
  },
  {
    name: 'a folder of images',
    is: ({ entries }) => entries !== undefined,
    open: (dir) => openPlainFolder(dir),
  },
  { name: 'images by a pattern (photos/*.jpg)', is: ({ pattern }) => isImage(pattern), open: openPlainFiles },
];

/**
 * The data set at a path, whatever its layout: tar shards or Parquet files by a pattern or in a folder, a folder of class
 * folders, a folder of images (class 0 of the one class 'unlabeled'), images by a pattern.
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
  return format.open(pattern, { labels }, place);
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
