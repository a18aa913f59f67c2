/**
 * A folder of class folders: `data/cat/**`, `data/dog/**`.
 *
 * Class i is the i-th folder in natural order (`class9` before `class10`), or the i-th name of `classes`, to which the
 * folders are then matched by name: a class without images is noted as a problem. The order of the images is that of the folders either way; files inside, at any depth, come in
 * natural order of their paths. Hidden files and files without an image ending are passed over; what a file
 * really is shows when it is decoded.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type Item, messageOf, nameSome, parseOptions, UsageError } from '../core/index.js';
import { classesOption, givenClasses, numbersIn } from './classes.js';
import { unreadable } from './files.js';
import { naturalOrder, type OpenedDataset, type Problem } from './problems.js';
import { IMAGE_ENDINGS } from './sniff.js';

const OWNER = 'imageFolder';

export const imageFolderSchema = z.strictObject({ classes: classesOption });
export type ImageFolderOptions = z.input<typeof imageFolderSchema>;

export async function openImageFolder(dir: string, options: ImageFolderOptions = {}): Promise<OpenedDataset> {
  const given = givenClasses(OWNER, parseOptions(OWNER, imageFolderSchema, options).classes);
  const root = resolve(dir);
  const problems: Problem[] = [];
  const top = await list(root, '', problems, true);
  const { folders } = top;
  const classes = given ?? folders;
  const numbers = numbersIn(OWNER, `'${dir}'`, folders, classes);
  const loose = top.images.length;
  if (folders.length === 0) {
    const what = loose > 0 ? `${loose} images but no class folder` : 'no class folder';
    throw new UsageError(
      `${OWNER}: '${dir}' holds ${what}; put the images of every class into a folder of its own`,
    );
  }
  if (loose > 0) {
    problems.push({
      where: dir,
      reason: `its ${loose} images outside class folders are left out; move them into one`,
    });
  }
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [i, name] of folders.entries()) {
    const files = await imagesUnder(root, name, problems, new Set([top.real]));
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
  const found = new Set(labels);
  const lacking = classes.filter((_, label) => !found.has(label));
  if (lacking.length > 0) {
    // A folder may have been lost, or emptied, by mistake.
    const reason = `it has no image of ${lacking.length} of its ${classes.length} classes: ${nameSome(lacking)}; add some if it should`;
    problems.push({ where: dir, reason });
  }
  return {
    name: basename(root),
    classes,
    length: paths.length,
    problems,
    item(i: number): Item {
      const id = paths[i];
      if (id === undefined) throw new RangeError(`${OWNER}: there is no item ${i} among ${paths.length}`);
      return { id, image: { kind: 'file', path: join(root, id) }, label: labels[i] as number };
    },
  };
}

/** Image paths under a folder, relative to the root, with forward slashes. `seen` stops circles of links. */
async function imagesUnder(
  root: string,
  folder: string,
  problems: Problem[],
  seen: Set<string>,
): Promise<string[]> {
  const { images, folders, real } = await list(root, folder, problems, false);
  if (seen.has(real)) return [];
  seen.add(real);
  const found = images.map((name) => `${folder}/${name}`);
  for (const inner of folders) found.push(...(await imagesUnder(root, `${folder}/${inner}`, problems, seen)));
  return found.sort(naturalOrder);
}

async function list(root: string, folder: string, problems: Problem[], must: boolean) {
  const at = join(root, folder);
  const images: string[] = [];
  const folders: string[] = [];
  const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
    if (must) throw new UsageError(`${OWNER}: ${listFault(error, root)}`, { cause: error });
    problems.push({
      where: at,
      reason: `the folder cannot be listed (${messageOf(error)}); check its permissions`,
    });
    return [];
  });
  for (const entry of entries) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    let target: { isFile(): boolean; isDirectory(): boolean } = entry;
    if (entry.isSymbolicLink()) {
      const linked = await stat(join(at, name)).catch(() => undefined);
      if (!linked) {
        problems.push({ where: join(at, name), reason: 'the link leads nowhere; restore what it points to' });
        continue;
      }
      target = linked;
    }
    if (target.isDirectory()) folders.push(name);
    else if (target.isFile() && IMAGE_ENDINGS.includes(extname(name).slice(1).toLowerCase()))
      images.push(name);
  }
  return { images: images.sort(naturalOrder), folders: folders.sort(naturalOrder), real: await realpath(at) };
}

function listFault(error: unknown, root: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return `there is no folder '${root}'; check the path`;
  if (code === 'ENOTDIR') return `'${root}' is a file, not a folder of class folders; give the folder`;
  return unreadable(error, root);
}
