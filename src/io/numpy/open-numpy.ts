import { basename } from 'node:path';
import { z } from 'zod';
import { type ImageRef, messageOf, parseOptions, RxaugError, UsageError } from '../../core/index.js';
import type { RawLabel } from '../archive/shard-index.js';
import { cacheFolder } from '../cache-dir.js';
import { classesOption, givenClasses, LabelCheck } from '../classes.js';
import { unreadable } from '../files.js';
import { openTables, type PixelTable } from '../pixel-tables.js';
import { codeOf, type OpenedDataset } from '../problems.js';
import { classesIn, RawColumnBuilder } from '../raw-column.js';
import { fileOfAnywhere } from '../remote/anywhere.js';
import { downloadOptions } from '../remote/localize.js';
import { shownPlace } from '../remote/shown-place.js';
import { type NpyArray, readNpy } from './header.js';
import { npyLabels } from './labels.js';
import { npzArray } from './npz.js';

export const numpySchema = z.strictObject({
  name: z.string().optional(),
  /** Path of the `.npy` of the labels, or the name of their array in the `.npz`; false: there are none. */
  labels: z.union([z.string().min(1), z.literal(false)]),
  /** The name of the images' array in an `.npz`. */
  images: z.string().min(1).optional(),
  /** The order of the images' axes. */
  layout: z.enum(['NHWC', 'NCHW']).default('NHWC'),
  /** All class names, or the path of a file with one a line. Labels that are names are matched to it. */
  classes: classesOption,
  /** Where compressed arrays are unpacked to: the user's cache folder, another folder, or nowhere. */
  cache: z.union([z.boolean(), z.string()]).default(true),
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/** Options of `numpy` and `openNumpy`: `labels`, `images`, `layout`, `classes`, `cache`, `download`, `name`. */
export type NumpyOptions = z.input<typeof numpySchema>;

const OWNER = 'numpy';

/**
 * Images in a NumPy file as a data set with random access: uint8 [N, H, W, C], [N, C, H, W] or [N, H, W] in the order of C.
 * Pixels are read from the file where they are rendered, whatever its size. Arrays in an `.npz` that are stored are read
 * where they stand; compressed ones are unpacked once to the cache folder.
 *
 * @param place path or URL of a `.npy`, or of a `.npz`, in which `images` and `labels` are names of arrays
 * @param options `labels` is needed; see `NumpyOptions`
 * @throws UsageError for a file that cannot be read or holds another array; RxaugError if no label is usable. Labels that are
 * no class are in `problems`.
 *
 * @example
 * const data = await openNumpy('digits.npy', { labels: 'digits-labels.npy', classes: ['cat', 'dog'] });
 * [data.length, data.item(7).label] // → [8, 1]
 */
export async function openNumpy(place: string, options: NumpyOptions): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, numpySchema, options);
  const path = shownPlace(place);
  const packed = /\.npz$/i.test(path);
  if (packed && o.images === undefined)
    throw new UsageError(
      `${OWNER}: expected images, the name of an array in ${path}; give images: 'x_train', or another`,
    );
  if (!packed && o.images !== undefined)
    throw new UsageError(`${OWNER}: images names an array of an .npz, but ${path} is none; leave it out`);
  const folder = cacheFolder('unpacked', o.cache);
  const local = await fileOfAnywhere(OWNER, place, o.download);
  const array = async (name: string) => {
    if (packed) return npzArray(OWNER, local, name, folder);
    const file = name === place ? local : await fileOfAnywhere(OWNER, name, o.download);
    return { ...readNpy(file.path), version: file.version };
  };
  const images = await within(path, async () => shapeOf(await array(o.images ?? place), o.layout));
  const { labels: from } = o;
  const labelAt =
    from === false
      ? undefined
      : await within(packed ? path : shownPlace(from), async () =>
          npyLabels(await array(from), images.count),
        );
  const given = givenClasses(OWNER, o.classes);
  const classes = labelAt ? (given ?? inferred(images.count, labelAt)) : ['unlabeled'];
  const table: PixelTable = {
    id: basename(path),
    count: images.count,
    imageAt: images.at,
    versions: images.versions,
    ...(labelAt && { labelAt }),
  };
  return openTables(OWNER, o.name ?? basename(path), [table], new LabelCheck(classes), []);
}

async function within<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RxaugError) throw error;
    const system = codeOf(error) !== undefined && !codeOf(error)?.startsWith('Z_');
    const reason = system ? unreadable(error, path) : `${path}: ${messageOf(error)}`;
    throw new UsageError(`${OWNER}: ${reason}`, { cause: error });
  }
}

function shapeOf({ path, offset, descr, shape, version }: NpyArray, layout: 'NHWC' | 'NCHW') {
  if (!/^[|<>=]?u1$/.test(descr))
    throw new Error(
      `its elements are of kind '${descr}', not uint8; save the images with .astype(numpy.uint8)`,
    );
  const planar = layout === 'NCHW' && shape.length === 4;
  const [count = 0, ...sides] = shape;
  const [height = 0, width = 0, channels = 1] = planar ? [sides[1], sides[2], sides[0]] : sides;
  const fits = shape.length === 3 || shape.length === 4;
  if (!fits || count < 1 || height < 1 || width < 1 || channels < 1 || channels > 4) {
    const hint =
      !planar && shape.length === 4 && (shape[1] as number) <= 4 ? "give layout: 'NCHW'" : 'save it so';
    throw new Error(
      `its shape is (${shape.join(', ')}), but images are [N, H, W], or [N, H, W, C] with 1 to 4 channels; ${hint}`,
    );
  }
  const size = height * width * channels;
  const at = (k: number): ImageRef => ({
    kind: 'raw',
    path,
    offset: offset + k * size,
    width,
    height,
    channels,
    ...(planar && { planar }),
  });
  return { count, at, versions: [[path, version] as const] };
}

function inferred(count: number, labelAt: (k: number) => RawLabel): string[] {
  const column = new RawColumnBuilder(`${OWNER}: labels`);
  for (let k = 0; k < count; k++) column.push(labelAt(k));
  return classesIn(OWNER, [column.done()], 'give classes');
}
