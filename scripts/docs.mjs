#!/usr/bin/env node
/** Writes docs/transforms.md and its pictures from the built house and its sources: `npm run docs`. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parameters } from './docs/parameters.mjs';
import { SIDE, scenes } from './docs/scenes.mjs';
import { readSources } from './docs/sources.mjs';
import { batchCells, transformCells, writeStrip } from './docs/strips.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const rxaug = await import(path.join(root, 'dist', 'augment', 'index.js'));
const { fold, keyOf } = await import(path.join(root, 'dist', 'core', 'index.js'));
const house = { ...rxaug, fold, keyOf };
const { wanted } = await import(path.join(root, 'dist', 'core', 'wanted.js'));
const sources = readSources(path.join(root, 'src', 'augment'));
const folder = path.join(root, 'docs', 'transforms');

const [still, coast, street, portrait] = await scenes();
/** What transforms cannot do without. */
const NEEDED = {
  resize: { size: [60, 84] },
  centerCrop: { size: 64 },
  randomCrop: { size: 64 },
  randomScale: { factor: [0.5, 0.95] },
  randomResizedCrop: { size: 80 },
  padTo: { to: 120 },
  longestMaxSize: { size: 72 },
  smallestMaxSize: { size: 72 },
  boxSafeCrop: { size: 96 },
  histogramMatching: { references: [street, coast].map((picture) => rxaug.histogramOf(picture)) },
  fourierDomainAdaptation: { references: [street, coast].map((picture) => rxaug.spectrumOf(picture, 8)) },
};
/** Not to be looked at: what they give is no picture. */
const UNSEEN = new Set(['normalize']);

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });
const sections = [];
for (const factory of rxaug.TRANSFORMS) {
  const { name, options, magnitude, p } = factory.spec;
  const lines = [`### ${name}`, '', sources.get(name)?.header ?? missing(name), ''];
  if (!UNSEEN.has(name)) {
    const { cells, captions } = transformCells(house, factory, still, NEEDED[name]);
    await writeStrip(path.join(folder, `${name}.jpg`), cells);
    const text = magnitude
      ? `${name}, magnitude ${captions[0]} to ${captions.at(-1)}`
      : `${name}: ${captions.join(', ')}`;
    lines.push(`![${text}](transforms/${name}.jpg)`, '');
  }
  lines.push(...parameters(options, sources.get(name)?.about ?? {}, wanted, p ?? 1));
  sections.push({ name, text: lines.join('\n') });
}
const batches = [];
for (const bind of rxaug.BATCH_TRANSFORMS) {
  const name = bind.op.name;
  const lines = [`### ${name}`, '', sources.get(name)?.header ?? missing(name), ''];
  await writeStrip(
    path.join(folder, `${name}.jpg`),
    batchCells(house, bind, [still, coast, street, portrait]),
    4,
  );
  lines.push(`![${name}: a batch before, and after](transforms/${name}.jpg)`, '');
  const options = bind.options ?? bind.spec?.options;
  if (options) lines.push(...parameters(options, sources.get(name)?.about ?? {}, wanted));
  batches.push({ name, text: lines.join('\n') });
}

const index = (all) => all.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · ');
fs.writeFileSync(
  path.join(root, 'docs', 'transforms.md'),
  `# Transforms

Made by \`npm run docs\`; do not edit. Strips run from magnitude 0 (the identity) to 1, with one draw; where a
transform has no magnitude they show the picture before, then what up to three seeds make of it. Pictures are
${SIDE}×${SIDE}. Every number that says "or a schedule" may change with training progress: \`linear(0, 1)\`.

Single samples: ${index(sections)}

Batches: ${index(batches)}

## Of samples

${sections.map(({ text }) => text).join('\n\n')}

## Of batches

The upper row is the batch before, the lower one after.

${batches.map(({ text }) => text).join('\n\n')}
`,
);
const bytes = fs
  .readdirSync(folder)
  .reduce((sum, file) => sum + fs.statSync(path.join(folder, file)).size, 0);
console.log(
  `docs/transforms.md: ${sections.length + batches.length} transforms, ${Math.round(bytes / 1000)} kB of pictures`,
);

function missing(name) {
  throw new Error(`docs: no file under src/augment defines '${name}' with a header; give it one`);
}
