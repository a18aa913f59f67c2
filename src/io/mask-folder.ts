/**
 * Masks in a folder of their own, laid out as the images are: `images/cat/7.jpg` has its mask in
 * `masks/cat/7.png`. They are looked for when the data set is opened.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Mask, messageOf, UsageError } from '../core/index.js';
import { naturalOrder, type Problem, problem } from './problems.js';

export interface MaskFolders {
  /** The masks of an image by its path below the root. */
  masksOf(path: string): Readonly<Record<string, Mask>> | undefined;
}

const stem = (path: string) => path.slice(0, path.length - extname(path).length);

/**
 * Opens folders of masks by name. Images without a mask and masks without an image are listed as one problem each
 * kind, with the first of them named.
 */
export async function openMaskFolders(
  owner: string,
  folders: Readonly<Record<string, string>>,
  images: readonly string[],
  problems: Problem[],
  imageRoot: string,
): Promise<MaskFolders> {
  const stems = new Set<string>();
  for (const image of images) {
    const name = stem(image);
    if (stems.has(name)) {
      throw new UsageError(
        `${owner}: expected one image of the name '${name}', because masks are found by name, but there are several; rename one`,
      );
    }
    stems.add(name);
  }
  const all = new Map<string, Map<string, string>>();
  for (const [mask, dir] of Object.entries(folders)) {
    const root = resolve(dir);
    await checkOutside(owner, mask, root, imageRoot);
    const found = new Map<string, string>();
    const spare: string[] = [];
    for (const file of await filesUnder(owner, mask, root, problems)) {
      const name = stem(file);
      if (extname(file).toLowerCase() !== '.png' || !stems.has(name)) spare.push(file);
      else if (found.has(name)) {
        const reason = `'${name}' has the mask ${found.get(name)} already, which is used; remove one`;
        problems.push(problem(join(dir, file), reason));
      } else found.set(name, join(root, file));
    }
    const bare = [...stems].filter((name) => !found.has(name));
    if (found.size === 0) {
      throw new UsageError(
        `${owner}: masks '${mask}': '${dir}' holds no mask for any image, such as '${bare[0]}.png'; use the same layout as the images`,
      );
    }
    if (spare.length > 0) {
      const reason = `it and ${spare.length - 1} others are masks of no image, or no PNG, and left out; name them as the images are`;
      problems.push(problem(join(dir, spare[0] as string), reason));
    }
    if (bare.length > 0) {
      const reason = `it and ${bare.length - 1} others have no mask '${mask}', whose rows hold its ignore; add ${bare[0]}.png`;
      problems.push(problem(bare[0] as string, reason));
    }
    all.set(mask, found);
  }
  return {
    masksOf(path) {
      const name = stem(path);
      const masks = [...all].flatMap(([mask, found]): [string, Mask][] => {
        const file = found.get(name);
        return file === undefined ? [] : [[mask, { image: { kind: 'file', path: file } }]];
      });
      return masks.length > 0 ? Object.fromEntries(masks) : undefined;
    },
  };
}

/** Folders within that of the images are its classes, hidden ones aside: masks there would be learned as images. */
async function checkOutside(owner: string, mask: string, root: string, imageRoot: string): Promise<void> {
  const [masks, images] = await Promise.all([real(root), real(imageRoot)]);
  const way = relative(images, masks);
  if (isAbsolute(way) || way.split(sep).some((part) => part.startsWith('.'))) return;
  throw new UsageError(
    `${owner}: masks '${mask}': expected a folder outside that of the images, because its folders are classes, but received '${root}'; move it next to '${imageRoot}'`,
  );
}

const real = (path: string) => realpath(path).catch(() => path);

/** Paths below a folder with forward slashes, hidden ones left out; links are followed, as those of the images are. */
async function filesUnder(owner: string, mask: string, root: string, problems: Problem[]): Promise<string[]> {
  const files: string[] = [];
  const walk = async (folder: string, around: readonly string[]): Promise<void> => {
    const at = join(root, folder);
    const entries = await readdir(at, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      const kind = entry.isSymbolicLink() ? await stat(join(root, path)).catch(() => undefined) : entry;
      if (kind === undefined)
        problems.push(problem(join(root, path), 'the link leads nowhere; restore what it points to'));
      else if (kind.isFile()) files.push(path);
      else if (!kind.isDirectory())
        problems.push(problem(join(root, path), 'it is a pipe or a device, and no file; remove it'));
      else {
        const inner = await real(join(root, path));
        if (around.includes(inner))
          problems.push(problem(join(root, path), 'the link leads back to its own folder; remove it'));
        else await walk(path, [...around, inner]);
      }
    }
  };
  try {
    await walk('', [await real(root)]);
  } catch (error) {
    throw new UsageError(
      `${owner}: masks '${mask}': the folder '${root}' cannot be listed (${messageOf(error)}); check the path`,
      { cause: error },
    );
  }
  return files.sort(naturalOrder);
}
