/** The images below a folder: which files count, which are passed over, and what cannot be listed. */
import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { messageOf, UsageError } from '../core/index.js';
import { IMAGE_ENDINGS } from './decode/sniff.js';
import { unreadable } from './files.js';
import { kindOf, type Passed } from './passed.js';
import { naturalOrder, type Problem, problem } from './problems.js';

/** Where a walk through folders begins, and what it could not use. */
export interface Walk {
  /** Named in errors. */
  readonly owner: string;
  readonly root: string;
  readonly problems: Problem[];
  readonly passed: Passed;
}

/**
 * Image paths under a folder, relative to the root ('' for the root itself), with forward slashes. Links are followed;
 * `seen` stops circles of them.
 */
export async function imagesUnder(walk: Walk, folder: string, seen: Set<string>): Promise<string[]> {
  const at = join(walk.root, folder);
  const real = await realpath(at).catch(() => at);
  if (seen.has(real)) {
    walk.problems.push(problem(at, 'the link leads to a folder that is read already; remove the link'));
    return [];
  }
  seen.add(real);
  const { images, folders } = await listFolder(walk, folder, false);
  const within = folder === '' ? '' : `${folder}/`;
  const found = images.map((name) => within + name);
  for (const inner of folders) {
    for (const path of await imagesUnder(walk, within + inner, seen)) found.push(path);
  }
  return found.sort(naturalOrder);
}

/** The images and folders in a folder; what is neither is noted. */
export async function listFolder({ owner, root, problems, passed }: Walk, folder: string, must: boolean) {
  const at = join(root, folder);
  const images: string[] = [];
  const folders: string[] = [];
  const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
    if (must) throw new UsageError(`${owner}: ${listFault(error, root)}`, { cause: error });
    problems.push(problem(at, `the folder cannot be listed (${messageOf(error)}); check its permissions`));
    return [];
  });
  for (const entry of entries.sort((a, b) => naturalOrder(a.name, b.name))) {
    const { name } = entry;
    const path = folder ? `${folder}/${name}` : name;
    if (name.startsWith('.')) {
      passed.add('hidden', path);
      continue;
    }
    // What is no UTF-8 is read as this character, and no file has the name that comes of it.
    if (name.includes('\ufffd') && !existsSync(join(at, name))) {
      problems.push(problem(join(at, name), 'its name is no UTF-8, so it cannot be opened; rename it'));
      continue;
    }
    let target: { isFile(): boolean; isDirectory(): boolean } = entry;
    if (entry.isSymbolicLink()) {
      const linked = await stat(join(at, name)).catch(() => undefined);
      if (!linked) {
        problems.push(problem(join(at, name), 'the link leads nowhere; restore what it points to'));
        continue;
      }
      target = linked;
    }
    if (target.isDirectory()) folders.push(name);
    else if (!target.isFile()) passed.add('pipe or device', path);
    else if (IMAGE_ENDINGS.includes(extname(name).slice(1).toLowerCase())) images.push(name);
    else passed.add(kindOf(name), path);
  }
  return { images, folders };
}

function listFault(error: unknown, root: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return `there is no folder '${root}'; check the path`;
  if (code === 'ENOTDIR') return `'${root}' is a file, not a folder of class folders; give the folder`;
  return unreadable(error, root);
}
