/**
 * Projects that commands write for a user: folders in `templates/` whose files are copied with a few words replaced.
 * TypeScript checks them with the rest.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from '../core/files/write-file.js';

/** As seen from src/cli and from dist/cli. */
const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));

/**
 * Writes the files of a template into a folder. `__NAME__` in them becomes `words.NAME`. A file that npm or Node would
 * take for one of this package has an underscore before its name: `_package.json`. Files in `keep` are left out.
 */
export function copyTemplate(
  template: string,
  folder: string,
  words: Readonly<Record<string, string>>,
  keep: readonly string[] = [],
): void {
  for (const { source, target } of filesOf(template)) {
    if (keep.includes(target)) continue;
    const text = readFileSync(source, 'utf8').replace(/__([A-Z]+)__/g, (all, word) => words[word] ?? all);
    replaceFile(join(folder, target), text);
  }
}

/** What `copyTemplate` writes: paths in the folder, in order. */
export const templateFiles = (template: string): string[] => filesOf(template).map(({ target }) => target);

function filesOf(template: string): { readonly source: string; readonly target: string }[] {
  const from = join(TEMPLATES, template);
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => ({ source: join(parentPath ?? path, name), name }))
    .sort((a, b) => (a.source < b.source ? -1 : 1))
    .map(({ source, name }) => ({
      source,
      target: join(source.slice(from.length + 1, -name.length), name.replace(/^_/, '')),
    }));
}
