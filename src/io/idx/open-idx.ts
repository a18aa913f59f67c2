import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { messageOf, parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import { classesOption, givenClasses, LabelCheck, numbered } from '../classes.js';
import { unreadable } from '../files.js';
import { openTables, type PixelTable } from '../pixel-tables.js';
import { codeOf, type OpenedDataset, type Problem, problem } from '../problems.js';
import { type FoundFile, fileOfAnywhere } from '../remote/anywhere.js';
import { downloadOptions } from '../remote/localize.js';
import { inflateFile, packingOf } from '../unpacked/inflate.js';
import { unpacked } from '../unpacked/unpacked.js';

export const idxSchema = z.strictObject({
  name: z.string().optional(),
  /** Path of the labels' file; false: there are none. */
  labels: z.union([z.string().min(1), z.literal(false)]),
  /** All class names in the order of their numbers, or the path of a file with one a line. */
  classes: classesOption,
  /** Where compressed files are unpacked to: the user's cache folder, another folder, or nowhere. */
  cache: z.union([z.boolean(), z.string()]).default(true),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/** Options of `idx` and `openIdx`: `labels`, `classes`, `cache`, `download`, `name`. */
export type IdxOptions = z.input<typeof idxSchema>;

const OWNER = 'idx';
/** More bytes of labels are none. */
const MOST_LABELS = 1 << 30;

/**
 * Images in IDX files, the format of MNIST, as a data set with random access: unsigned bytes [N, H, W], or [N, H, W, C] with
 * 1 to 4 channels, and a file of N labels as unsigned bytes. Files compressed with gzip are unpacked once to the cache
 * folder. Pixels are read where they are rendered.
 *
 * @param path of the images: `train-images-idx3-ubyte`, or with `.gz`; it may be a URL
 * @param options `labels` is needed; see `IdxOptions`
 * @throws UsageError for a file that cannot be read or is of another form; RxaugError if no label is usable
 *
 * @example
 * const data = await openIdx('digits-idx3-ubyte', { labels: 'digits-idx1-ubyte', classes: ['cat', 'dog'] });
 * [data.length, data.item(7).label] // → [8, 1]
 */
export async function openIdx(path: string, options: IdxOptions): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, idxSchema, options);
  const folder = cacheFolder('unpacked', o.cache);
  const problems: Problem[] = [];
  const file = await fileOfAnywhere(OWNER, path, o.download);
  const images = await open(file, folder, problems);
  const [count = 0, height = 0, width = 0, channels = 1] = images.shape;
  const dimensions = images.shape.length;
  if (dimensions < 3 || dimensions > 4 || channels < 1 || channels > 4 || count * height * width === 0)
    throw wrong(
      file.source,
      `its shape is (${images.shape.join(', ')}), but images are [N, H, W]; give the file of the images`,
    );
  const labels =
    o.labels === false
      ? undefined
      : await labelsOf(await fileOfAnywhere(OWNER, o.labels, o.download), count, folder, problems);
  const given = givenClasses(OWNER, o.classes);
  const largest = labels?.reduce((most, label) => Math.max(most, label), 0) ?? 0;
  const classes = labels ? (given ?? numbered(largest + 1)) : ['unlabeled'];
  const size = height * width * channels;
  // Of a file that is cut short, the images that are whole.
  const whole = Math.min(count, Math.floor((images.size - images.offset) / size));
  if (whole < count)
    problems.push(
      problem(
        basename(file.source),
        `it is cut short: ${count - whole} of ${count} images are missing; download it again`,
      ),
    );
  const rest = images.size - images.offset - count * size;
  if (rest > 0)
    problems.push(
      problem(basename(file.source), `${rest} bytes behind its images are not read; check the file`, 0),
    );
  const table: PixelTable = {
    id: basename(file.source),
    count: whole,
    versions: [[images.path, images.version]],
    imageAt: (k: number) =>
      ({
        kind: 'raw',
        path: images.path,
        offset: images.offset + k * size,
        width,
        height,
        channels,
      }) as const,
    ...(labels && { labelAt: (k: number) => labels[k] as number }),
  };
  return openTables(OWNER, o.name ?? basename(file.source), [table], new LabelCheck(classes), problems);
}

interface IdxFile {
  readonly path: string;
  /** What identifies its bytes, if it was downloaded or unpacked. */
  readonly version?: string;
  readonly size: number;
  readonly offset: number;
  readonly shape: readonly number[];
}

async function labelsOf(
  file: FoundFile,
  count: number,
  folder: string | undefined,
  problems: Problem[],
): Promise<Uint8Array> {
  const { source: path } = file;
  const { path: plain, size, offset, shape } = await open(file, folder, problems);
  if (shape.length !== 1 || shape[0] !== count)
    throw wrong(
      path,
      `its shape is (${shape.join(', ')}), but there are ${count} images; give the file of their labels`,
    );
  if (size - offset < count || count > MOST_LABELS)
    throw wrong(
      path,
      `it is cut short: ${count - Math.max(0, size - offset)} labels are missing; download it again`,
    );
  const labels = new Uint8Array(count);
  const fd = openSync(plain, 'r');
  try {
    for (let done = 0; done < count; ) {
      const n = readSync(fd, labels, done, count - done, offset + done);
      if (n === 0) throw wrong(path, 'it became shorter while it was read; download it again');
      done += n;
    }
  } finally {
    closeSync(fd);
  }
  return labels;
}

const wrong = (path: string, reason: string) => new UsageError(`${OWNER}: ${path}: ${reason}`);

async function open(
  { path, source, version: remote }: FoundFile,
  folder: string | undefined,
  problems: Problem[],
): Promise<IdxFile> {
  try {
    const found = readHead(path);
    if (!found.packed) return { ...headOf(source, path, found), version: remote };
    const { packed } = found;
    const {
      path: plain,
      index,
      version,
    } = await unpacked<{ fault?: string }>({
      owner: OWNER,
      path,
      version: remote,
      options: ['idx', 1],
      folder,
      async unpack(out) {
        const fault = await inflateFile(path, packed, out);
        return { ...(fault !== undefined && { fault }) };
      },
    });
    if (index.fault !== undefined) problems.push(problem(basename(source), index.fault));
    return { ...headOf(source, plain, readHead(plain)), version };
  } catch (error) {
    if (error instanceof RxaugError) throw error;
    throw new UsageError(
      `${OWNER}: ${codeOf(error) === undefined ? `${source}: ${messageOf(error)}` : unreadable(error, source)}`,
      { cause: error },
    );
  }
}

interface Head {
  readonly bytes: Buffer;
  readonly size: number;
  readonly packed?: 'gzip';
}

/** The first bytes: at most 4 + 4 × 4 of an IDX file are of use. */
function readHead(path: string): Head {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const bytes = Buffer.alloc(20);
    const length = readSync(fd, bytes, 0, 20, 0);
    const head = bytes.subarray(0, length);
    const packed = length >= 2 && packingOf(head) === 'gzip';
    return { bytes: head, size: fstatSync(fd).size, ...(packed && { packed: 'gzip' }) };
  } finally {
    closeSync(fd);
  }
}

/** Two zeros, the kind of its elements, the number of sides, and the sides with the high byte first. */
function headOf(name: string, path: string, { bytes, size }: Head): IdxFile {
  const [zero, other, kind, dimensions = 0] = bytes;
  if (bytes.length < 8 || zero !== 0 || other !== 0 || dimensions < 1)
    throw wrong(name, 'it is no IDX file; check the path');
  if (kind !== 8) throw wrong(name, `its elements are of kind ${kind}, not 8 (unsigned bytes); convert them`);
  if (dimensions > 4 || bytes.length < 4 + 4 * dimensions)
    throw wrong(name, 'its header is damaged; download it again');
  const shape = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  return { path, size, offset: 4 + 4 * dimensions, shape };
}
