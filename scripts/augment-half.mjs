/** The half of the tests that runs where the optional packages are not installed: `npm run test:augment`. */
import fs from 'node:fs';
import path from 'node:path';

/** Folders of test/ that belong to it. */
const FOLDERS = [
  'augment',
  'cli',
  'core',
  'datasets',
  'io',
  'kernels',
  'property',
  'report',
  'setup',
  'stream',
  'targets',
];
/** Files of other folders. */
const FILES = [
  'e2e/digest.test.ts',
  'e2e/export.test.ts',
  'faces.test.ts',
  'faults/io-archives.test.ts',
  'faults/io-images.test.ts',
  'faults/stream-exit.test.ts',
  'faults/stream-workers.test.ts',
  'imports.test.ts',
  'package.test.ts',
];
/** Files in those folders that need more, and what for. */
const WITHOUT = {
  'cli/diagnose.test.ts': 'backends of TensorFlow.js',
  'core/write-file.test.ts': 'esbuild, which bundles its child processes',
};

/** The files, from the root, as vitest takes them. A name here that is no file is an error: it would hide a test. */
export function augmentHalf(root) {
  const test = path.join(root, 'test');
  const isThere = (file) => fs.existsSync(path.join(test, file));
  const gone = [...FOLDERS, ...FILES, ...Object.keys(WITHOUT)].filter((file) => !isThere(file));
  if (gone.length > 0)
    throw new Error(`scripts/augment-half.mjs names what is not in test/: ${gone.join(', ')}`);
  const found = FOLDERS.flatMap((folder) =>
    fs.readdirSync(path.join(test, folder), { recursive: true }).map((file) => `${folder}/${file}`),
  );
  return [...found.filter((file) => file.endsWith('.test.ts') && !WITHOUT[file]), ...FILES]
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .sort();
}
