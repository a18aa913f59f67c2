import { realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { type Item, nameSome, parseOptions, UsageError } from '../core/index.js';
import { classesOption, givenClasses, numbersIn } from './classes.js';
import { openMaskFolders } from './mask-folder.js';
import { Passed } from './passed.js';
import { type OpenedDataset, type Problem, problem } from './problems.js';
import { refuseUrl } from './remote/shown-place.js';
import { masksByName, masksOption, targetOptions, unusedSetting, withSettings } from './target-options.js';
import { imagesUnder, listFolder, type Walk } from './walk-images.js';
import { nameOfFolder } from './write/file-names.js';

const OWNER = 'imageFolder';

export const imageFolderSchema = z.strictObject({
  classes: classesOption,
  /**
   * A folder of masks laid out as the images are (`masks/cat/7.png` for `cat/7.jpg`), or several by name. They must be
   * outside the folder of the images, whose folders are classes.
   */
  masks: masksOption,
  /**
   * True for folders that `rxaug prepare` wrote: names of class folders, and those of a file of `classes`, have escapes
   * (`AC%2FDC` for the class AC/DC), which are undone.
   */
  escaped: z.boolean().default(false),
  /** Settings of the masks. */
  targets: targetOptions.optional(),
});

/** Options of `imageFolder` and `openImageFolder`: `classes`, `masks`, `escaped`, `targets`. */
export type ImageFolderOptions = z.input<typeof imageFolderSchema>;

/**
 * A folder of class folders (`photos/cat/…`, `photos/dog/…`) as a data set with random access; the layout is that of
 * `imageFolder`. Files are listed now and read when they are rendered.
 *
 * @param dir the folder that holds the class folders
 * @throws UsageError if the folder cannot be read, has no class folder, or a class folder holds no image; what is left
 * out besides is in `problems`
 *
 * @example
 * const data = await openImageFolder('photos');
 * [data.length, data.classes] // → [8, ['cat', 'dog']]
 */
export async function openImageFolder(dir: string, options: ImageFolderOptions = {}): Promise<OpenedDataset> {
  const { masks, targets, escaped, ...parsed } = parseOptions(OWNER, imageFolderSchema, options);
  const listed = givenClasses(OWNER, parsed.classes);
  const given = escaped && typeof parsed.classes === 'string' ? listed?.map(nameOfFolder) : listed;
  const maskFolders = masksByName(masks);
  const unused = unusedSetting(OWNER, targets, { masks: Object.keys(maskFolders ?? {}) });
  if (unused) throw new UsageError(unused);
  refuseUrl(OWNER, dir);
  for (const folder of Object.values(maskFolders ?? {})) refuseUrl(`${OWNER}: masks`, folder);
  const root = resolve(dir);
  const problems: Problem[] = [];
  const walk: Walk = { owner: OWNER, root, problems, passed: new Passed() };
  const top = await listFolder(walk, '', true);
  const real = await realpath(root);
  const { folders } = top;
  const names = escaped ? folders.map(nameOfFolder) : folders;
  const classes = given ?? names;
  const numbers = numbersIn(OWNER, `'${dir}'`, names, classes);
  const loose = top.images.length;
  if (folders.length === 0) {
    const what = loose > 0 ? `${loose} images but no class folder` : 'no class folder';
    throw new UsageError(
      `${OWNER}: '${dir}' holds ${what}; put the images of every class into a folder of its own`,
    );
  }
  if (loose > 0) {
    problems.push(problem(dir, `its ${loose} images outside class folders are left out; move them into one`));
  }
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [i, name] of folders.entries()) {
    const files = await imagesUnder(walk, name, new Set([real]));
    if (files.length === 0 && !given) {
      throw new UsageError(
        `${OWNER}: class folder '${join(dir, name)}' holds no image; add some, remove it, or give the names of all classes as classes, which may have none`,
      );
    }
    for (const file of files) {
      paths.push(file);
      labels.push(numbers[i] as number);
    }
  }
  if (paths.length === 0)
    throw new UsageError(`${OWNER}: the class folders of '${dir}' hold no image; check the path`);
  const used = new Set(labels);
  const lacking = classes.filter((_, label) => !used.has(label));
  if (lacking.length > 0) {
    // A folder may be missing or empty by mistake: a note that counts no sample.
    const reason = `it has no image of ${lacking.length} of its ${classes.length} classes: ${nameSome(lacking)}; add some if it should`;
    problems.push(problem(dir, reason, 0));
  }
  const found = maskFolders && (await openMaskFolders(OWNER, maskFolders, paths, problems, root));
  problems.push(...walk.passed.problem(dir));
  return {
    name: basename(root),
    classes,
    length: paths.length,
    problems,
    root,
    item(i: number): Item {
      const id = paths[i];
      if (id === undefined) throw new RangeError(`${OWNER}: there is no item ${i} among ${paths.length}`);
      const image = { kind: 'file', path: join(root, id) } as const;
      const own = found?.masksOf(id);
      const label = labels[i] as number;
      return { id, image, label, ...(own && { targets: withSettings({ masks: own }, targets ?? {}) }) };
    },
  };
}
