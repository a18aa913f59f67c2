/**
 * Masks in a folder of their own, laid out as the images are: `images/cat/7.jpg` has its mask in
 * `masks/cat/7.png`. They are looked for when the data set is opened.
 */
import { readdir } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
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
): Promise<MaskFolders> {
  const stems = new Set<string>();
  for (const image of images) {
    const name = stem(image);
    if (stems.has(name)) {
      throw new UsageError(
        `${owner}: expected one image of the name '${name}', for masks are found by it, but there are several; rename one`,
      );
    }
    stems.add(name);
  }
  const all = new Map<string, Map<string, string>>();
  for (const [mask, dir] of Object.entries(folders)) {
    const root = resolve(dir);
    const found = new Map<string, string>();
    const spare: string[] = [];
    for (const file of await filesUnder(owner, mask, root)) {
      if (extname(file).toLowerCase() === '.png' && stems.has(stem(file)))
        found.set(stem(file), join(root, file));
      else spare.push(file);
    }
    const bare = [...stems].filter((name) => !found.has(name));
    if (found.size === 0) {
      throw new UsageError(
        `${owner}: masks '${mask}': '${dir}' holds no mask for any image, such as '${bare[0]}.png'; lay the masks out as the images are`,
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

/** Paths below a folder with forward slashes, hidden ones left out. */
async function filesUnder(owner: string, mask: string, root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new UsageError(
      `${owner}: masks '${mask}': the folder '${root}' cannot be listed (${messageOf(error)}); check the path`,
      { cause: error },
    );
  });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ parentPath, path, name }: { parentPath?: string; path?: string; name: string }) =>
      join(parentPath ?? (path as string), name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort(naturalOrder);
}
