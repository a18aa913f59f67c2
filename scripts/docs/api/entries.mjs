/** The entry points that package.json exports, each with the source file it is built from. */
import fs from 'node:fs';
import path from 'node:path';

/** @returns {{ specifier: string, file: string }[]} `rxaug` first, `file` relative to the root. */
export function entryPoints(root) {
  const { name, exports } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([key, target]) => {
    const types = typesOf(target);
    if (types === undefined) return [];
    const file = types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.[cm]?ts$/, '.ts');
    if (!fs.existsSync(path.join(root, file)))
      throw new Error(`package.json: expected '${key}' to be built from ${file}, which does not exist`);
    return [{ specifier: name + key.slice(1), file }];
  });
}

/** The declaration file of an entry, whichever condition it stands under. */
function typesOf(target) {
  if (typeof target === 'string') return /\.d\.[cm]?ts$/.test(target) ? target : undefined;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (condition === 'types' && typeof value === 'string') return value;
    const found = typesOf(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
