/** Layouts of data sets, and how each is recognized. */
import {
  type OpenedDataset,
  openCoco,
  openImageFolder,
  openManifest,
  openPascalVoc,
  openWebdataset,
  openYolo,
} from '../io/index.js';
import { openMds } from '../io/mds/open-mds.js';
import { openParquet } from '../io/parquet/parquet.js';
import { openRawCache } from '../io/raw/open-raw.js';
import { openTfrecord } from '../io/tfrecord/tfrecord.js';
import { isImage, openPlainFiles, openPlainFolder } from './image-files.js';

/** What a path or pattern points to. */
export interface Place {
  /** Of a URL, without its query. */
  readonly pattern: string;
  /** It is a URL. */
  readonly remote?: boolean;
  /** What is directly in it, hidden names left out; undefined for what is no folder. */
  readonly entries?: readonly { readonly name: string; readonly folder: boolean }[];
  /** Pictures in it that are no data: the example sheets that `rxaug prepare` writes. */
  readonly reportFiles?: ReadonlySet<string>;
}

/** One layout of data sets, and how it is recognized. */
export interface SourceFormat {
  /** For the error that lists them. */
  readonly name: string;
  /** It is read on this machine alone, and by no URL. */
  readonly local?: boolean;
  is(place: Place): boolean;
  open(
    pattern: string,
    options: { readonly labels: boolean },
    place: Place,
  ): Promise<OpenedDataset> | OpenedDataset;
}

const isTar = (name: string) => /\.(tar|tar\.gz|tgz)$/.test(name);
const isParquet = (name: string) => name.endsWith('.parquet');
const isRecords = (name: string) => /\.tfrecords?(\.gz)?$/.test(name);
const isRaw = (name: string) => name.endsWith('.raw');

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

/** In the order in which they are tried. Where labels do not matter, a folder is read for all of its images. */
export const FORMATS: readonly SourceFormat[] = [
  ...shards('tar shards (train-{000..009}.tar)', isTar, (patterns, labels) =>
    openWebdataset(patterns, { labels }),
  ),
  ...shards('Parquet (train-*.parquet)', isParquet, (patterns, labels) =>
    openParquet(patterns, labels ? {} : { label: false }),
  ),
  ...shards('TFRecord (train-*.tfrecord)', isRecords, (patterns, labels) =>
    openTfrecord(patterns, labels ? {} : { label: false }),
  ),
  ...shards('raw caches (train-*.raw)', isRaw, (patterns) => openRawCache(patterns)),
  {
    name: 'MDS (a folder with index.json)',
    is: ({ entries, pattern, remote }) =>
      remote
        ? /\/(index\.json)?$/.test(pattern)
        : holds(entries, 'index.json') && has(entries, ({ name }) => /\.mds(\.|$)/.test(name)),
    open: (dir, { labels }, { remote }) =>
      openMds(remote ? withoutIndex(dir) : dir, labels ? {} : { label: false }),
  },
  {
    name: 'a table (photos.csv, photos.tsv, photos.jsonl)',
    is: ({ entries, pattern }) => entries === undefined && /\.(csv|tsv|jsonl)$/.test(pattern),
    open: (path, { labels }) => openManifest(path, { labels }),
  },
  {
    name: 'Pascal VOC (a folder with Annotations and JPEGImages)',
    is: ({ entries }) => holds(entries, 'Annotations') && holds(entries, 'JPEGImages'),
    open: (dir, { labels }) => (labels ? openPascalVoc(dir) : openPlainFolder(`${dir}/JPEGImages`)),
  },
  {
    name: 'YOLO (a folder with data.yaml)',
    is: ({ entries, pattern }) => holds(entries, 'data.yaml') || /(^|[/\\])data\.ya?ml$/.test(pattern),
    open: (path, { labels }, { entries, reportFiles }) =>
      labels || !entries ? openYolo(path) : openPlainFolder(path, reportFiles),
  },
  {
    name: 'COCO (a folder with annotations.json and images)',
    is: ({ entries }) => holds(entries, 'annotations.json') && holds(entries, 'images'),
    open: (dir, { labels }) =>
      labels ? openCoco(`${dir}/images`, `${dir}/annotations.json`) : openPlainFolder(`${dir}/images`),
  },
  {
    name: 'a folder of class folders',
    is: ({ entries }) => has(entries, ({ folder }) => folder),
    open: (dir, { labels }, { reportFiles }) =>
      labels ? openImageFolder(dir) : openPlainFolder(dir, reportFiles),
  },
  {
    name: 'a folder of images',
    is: ({ entries }) => entries !== undefined,
    open: (dir, _, { reportFiles }) => openPlainFolder(dir, reportFiles),
  },
  {
    name: 'images by a pattern (photos/*.jpg)',
    local: true,
    is: ({ pattern }) => isImage(pattern),
    open: openPlainFiles,
  },
];

/** The URL of the folder of an index. */
const withoutIndex = (url: string) => url.replace(/\/index\.json(?=[?#]|$)/, '/');

function has(
  entries: Place['entries'],
  which: (entry: { name: string; folder: boolean }) => boolean,
): boolean {
  return entries?.some(which) ?? false;
}

const holdsImages = ({ name, folder }: { name: string; folder: boolean }) => folder || isImage(name);

function holds(entries: Place['entries'], wanted: string): boolean {
  return has(entries, ({ name }) => name === wanted);
}
