#!/usr/bin/env node
/**
 * Writes the docs: `npm run docs`. docs/transforms.md with its pictures, from the built package, and the site in
 * site/, which opens from a file as well as from a server.
 *
 *     --site          the site only, with the pictures that are there
 *     --transforms    docs/transforms.md and its pictures only
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { readSymbols } from './docs/api/symbols.mjs';
import { writeFront } from './docs/front.mjs';
import { buildSite } from './docs/site/build.mjs';
import { loadBuilt, writeTransforms } from './docs/transforms.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values: given } = parseArgs({
  options: { site: { type: 'boolean', default: false }, transforms: { type: 'boolean', default: false } },
});

await build(root);
const symbols = readSymbols(root, true);
if (!given.site) {
  await writeFront(root);
  const { count, bytes } = await writeTransforms(root, await loadBuilt(root), symbols);
  console.log(`docs/transforms.md: ${count} transforms, ${Math.round(bytes / 1000)} kB of pictures`);
}
if (!given.transforms) {
  const { pages, bytes } = await buildSite(root, path.join(root, 'site'), symbols);
  console.log(`site/index.html: ${pages} pages, ${(bytes / 1e6).toFixed(1)} MB`);
}
