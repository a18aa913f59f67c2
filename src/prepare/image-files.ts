/** Images below a folder, or named by a pattern, without classes. */
import { realpath } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { type Item, UsageError } from '../core/index.js';
import { IMAGE_ENDINGS } from '../io/decode/sniff.js';
import { filesOf } from '../io/glob.js';
import type { OpenedDataset, Problem } from '../io/index.js';
import { Passed } from '../io/passed.js';
import { imagesUnder } from '../io/walk-images.js';

const OWNER = 'source';

/**
 * All images below a folder, at any depth, in natural order: class 0 of the one class 'unlabeled'.
 *
 * @param reportFiles files of the folder that are left out: they are no data
 * @throws UsageError if the folder cannot be listed or holds no image; what is left out besides is in `problems`
 */
export async function openPlainFolder(
  dir: string,
  reportFiles: ReadonlySet<string> = new Set(),
): Promise<OpenedDataset> {
  const root = await realpath(dir).catch(() => resolve(dir));
  const problems: Problem[] = [];
  const passed = new Passed();
  const all = await imagesUnder({ owner: OWNER, root, problems, passed }, '', new Set());
  const ids = all.filter((id) => !reportFiles.has(id));
  if (ids.length === 0) {
    const first = problems[0];
    const why = first ? `; ${first.where}: ${first.reason}` : '';
    throw new UsageError(`${OWNER}: no image is in '${dir}' or below it${why}; check the path`);
  }
  problems.push(...passed.problem(dir));
  return { ...unlabeled(basename(root), ids, (id) => join(root, id), problems), root };
}

/** The image files that patterns name; files that are none are counted in `problems`. */
export function openPlainFiles(patterns: string | readonly string[]): OpenedDataset {
  const passed = new Passed();
  const paths = filesOf(OWNER, patterns).filter(
    (path) => isImage(path) || void passed.add('file of another kind', path),
  );
  const name = typeof patterns === 'string' ? patterns : (patterns[0] as string);
  const shown = paths.map((path) => relative(process.cwd(), path).split(sep).join('/'));
  const byId = new Map(shown.map((id, i) => [id, paths[i] as string]));
  return unlabeled(basename(name), shown, (id) => byId.get(id) as string, passed.problem(name));
}

/** By its ending. */
export function isImage(path: string): boolean {
  return IMAGE_ENDINGS.includes(extname(path).slice(1).toLowerCase());
}

function unlabeled(
  name: string,
  ids: readonly string[],
  pathOf: (id: string) => string,
  problems: readonly Problem[],
): OpenedDataset {
  return {
    name,
    classes: ['unlabeled'],
    length: ids.length,
    problems,
    item(i): Item {
      const id = ids[i];
      if (id === undefined) throw new RangeError(`${name}: there is no item ${i} among ${ids.length}`);
      return { id, image: { kind: 'file', path: pathOf(id) }, label: 0 };
    },
  };
}
