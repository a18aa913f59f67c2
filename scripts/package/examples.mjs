/** What a stranger would compile: README's blocks of TypeScript that import rxaug, and a file that imports every entry point. */
import fs from 'node:fs';
import path from 'node:path';

const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;

/** Texts by file name. A README without a block that imports rxaug is an error: nothing would be checked. */
export function exampleFiles(root, { exports }) {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(BLOCK)]
    .map(([, code]) => code)
    .filter((code) => /from 'rxaug/.test(code));
  if (blocks.length === 0) throw new Error("README.md has no block of TypeScript that imports 'rxaug'");
  const faces = Object.keys(exports).filter((face) => face !== './package.json');
  const all = faces
    .map((face, i) => `export * as face${i} from '${path.posix.join('rxaug', face)}';\n`)
    .join('');
  return Object.fromEntries([
    ...blocks.map((code, i) => [`readme-${i + 1}.ts`, `${code}export {};\n`]),
    ['entry-points.ts', all],
  ]);
}
