/** docs/transforms.md and its pictures, from the built package: every transform, policy and mix, by category. */
import fs from 'node:fs';
import path from 'node:path';
import { CATEGORIES, categoryOf } from './categories.mjs';
import { parameters } from './parameters.mjs';
import { SIDE, scenes } from './scenes.mjs';
import { shorthandOf } from './shorthand.mjs';
import { readSources } from './sources.mjs';
import { batchCells, policyCells, transformCells, writeStrip } from './strips.mjs';

/** Their result is not an image of bytes. */
const UNSEEN = new Set(['normalize']);
/** What combines operators is no policy by itself. */
const POLICIES = [
  'autoAugment',
  'randAugment',
  'trivialAugment',
  'uniformAugment',
  'augMix',
  'threeAugment',
  'timmAutoAugment',
  'timmRandAugment',
  'timmAugMix',
];

/** The parts of the built package that pages are made of. */
export async function loadBuilt(root) {
  const at = (...names) => path.join(root, 'dist', ...names);
  const rxaug = await import(at('augment', 'index.js'));
  const { fold, keyOf } = await import(at('core', 'index.js'));
  const { describeSchema } = await import(at('core', 'describe-schema.js'));
  return { ...rxaug, fold, keyOf, words: describeSchema };
}

/**
 * One entry a transform, policy and mix, by category and then by name.
 *
 * @param symbols what readSymbols gives: docs are taken from there
 * @returns {{ name: string, category: string, about: string, options: string[], kind: 'transform' | 'policy' | 'mix' }[]}
 */
export function collectTransforms(root, built, symbols) {
  const sources = readSources(path.join(root, 'src', 'augment'));
  const docs = new Map(symbols.filter(({ value, doc }) => value && doc).map(({ name, doc }) => [name, doc]));
  const examples = new Map(
    symbols.filter(({ value }) => value).map(({ name, examples }) => [name, examples[0]]),
  );
  const source = (name) =>
    sources.get(name) ??
    fail(`src/augment: no file defines '${name}' by defineTransform or defineBatchTransform`);
  const about = (name) => docs.get(name) ?? fail(`${name}: expected a doc on the exported symbol; write one`);
  const single = built.TRANSFORMS.map((factory) => ({ factory, ...factory.spec })).map(
    ({ factory, name, options, p }) => ({
      name,
      kind: 'transform',
      category:
        categoryOf(source(name).file)?.folder ?? fail(`${source(name).file}: its folder is in no category`),
      about: about(name),
      options: parameters(options, source(name).about, built.words, p ?? 1),
      shorthand: shorthandOf(factory),
      example: examples.get(name),
    }),
  );
  const policies = POLICIES.map((name) => ({
    name,
    kind: 'policy',
    category: 'policies',
    about: about(name),
    options: [],
    properties: properties(symbols.find((symbol) => symbol.value && symbol.name === name)),
    example: examples.get(name),
  }));
  const mixes = built.BATCH_TRANSFORMS.map((bind) => {
    const { name } = bind.op;
    const options = bind.options ?? bind.spec?.options;
    const table = options ? parameters(options, source(name).about, built.words) : [];
    return {
      name,
      kind: 'mix',
      category: 'mix',
      about: about(name),
      options: table,
      shorthand: shorthandOf(bind),
      example: examples.get(name),
    };
  });
  const order = CATEGORIES.map(({ folder }) => folder);
  return [...single, ...policies, ...mixes].sort(
    (a, b) =>
      order.indexOf(a.category) - order.indexOf(b.category) ||
      (a.category === 'policies' ? 0 : a.name.localeCompare(b.name, 'en')),
  );
}

/** Draws the pictures and writes the page. */
export async function writeTransforms(root, built, symbols) {
  const folder = path.join(root, 'docs', 'transforms');
  const entries = collectTransforms(root, built, symbols);
  const draw = await drawing(built);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const entry of entries) {
    if (UNSEEN.has(entry.name)) continue;
    const { cells, caption, columns } = draw[entry.kind](entry.name);
    await writeStrip(path.join(folder, `${entry.name}.jpg`), cells, columns);
    entry.caption = caption;
  }
  fs.writeFileSync(path.join(root, 'docs', 'transforms.md'), page(entries));
  const bytes = fs
    .readdirSync(folder)
    .reduce((sum, file) => sum + fs.statSync(path.join(folder, file)).size, 0);
  return { count: entries.length, bytes };
}

async function drawing(built) {
  const pictures = await scenes();
  const [still, coast, street] = pictures;
  const references = [street, coast];
  /** What transforms cannot do without. */
  const needed = {
    resize: { size: [60, 84] },
    centerCrop: { size: 64 },
    randomCrop: { size: 64 },
    randomScale: { factor: [0.5, 0.95] },
    randomResizedCrop: { size: 80 },
    padTo: { size: 120 },
    longestMaxSize: { size: 72 },
    smallestMaxSize: { size: 72 },
    boxSafeCrop: { size: 96 },
    histogramMatching: { references: references.map((picture) => built.histogramOf(picture)) },
    fourierDomainAdaptation: { references: references.map((picture) => built.spectrumOf(picture, 8)) },
  };
  const singles = new Map(built.TRANSFORMS.map((factory) => [factory.spec.name, factory]));
  const mixes = new Map(built.BATCH_TRANSFORMS.map((bind) => [bind.op.name, bind]));
  return {
    transform(name) {
      const factory = singles.get(name);
      const { cells, captions } = transformCells(built, factory, still, needed[name]);
      const caption = factory.spec.magnitude
        ? `${name}, magnitude ${captions[0]} to ${captions.at(-1)}`
        : `${name}: ${captions.join(', ')}`;
      return { cells, caption };
    },
    policy: (name) => ({
      cells: policyCells(built, built[name](), still),
      caption: `${name}: before, and four draws`,
    }),
    mix: (name) => ({
      cells: batchCells(built, mixes.get(name), pictures),
      caption: `${name}: a batch before, and after`,
      columns: 4,
    }),
  };
}

function page(entries) {
  const of = (folder) => entries.filter(({ category }) => category === folder);
  const index = CATEGORIES.map(
    ({ folder, title }) =>
      `- [${title}](#${title.toLowerCase().replaceAll(' ', '-')}): ${of(folder)
        .map(({ name }) => `[${name}](#${name.toLowerCase()})`)
        .join(' · ')}`,
  );
  const sections = CATEGORIES.map(({ folder, title, about }) => {
    const rows = folder === 'mix' ? ' The upper row is the batch before, the lower one after.' : '';
    return [`## ${title}`, `${about}${rows}`, ...of(folder).map(section)].join('\n\n');
  });
  return `# Transforms

Made by \`npm run docs\`; do not edit. Strips run from magnitude 0 (the identity) to 1, with one draw; where a
transform has no magnitude they show the picture before, then what several seeds make of it. Pictures are
${SIDE}×${SIDE}. Every number that says "or a schedule" may change with training progress: \`linear(0, 1)\`.

${index.join('\n')}

${sections.join('\n\n')}
`;
}

/** Options of a policy, as the compiler reads them: their defaults stand in the doc. */
function properties(symbol) {
  const rows = (symbol?.options ?? []).flatMap((table) => table.properties);
  if (rows.length === 0) return [];
  const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
  return [
    '| Option | Type | |',
    '|---|---|---|',
    ...rows.map(({ name, type, doc }) => `| \`${name}\` | \`${cell(type)}\` | ${cell(doc)} |`),
  ];
}

function section({ name, about, caption, options, properties = [], shorthand, example }) {
  const lines = [`### ${name}`, '', about.replace(/\{@link ([^}|\s]+)[^}]*\}/g, '`$1`'), ''];
  if (caption) lines.push(`![${caption}](transforms/${name}.jpg)`, '');
  if (example) lines.push('```ts', example.replace(/^```\w*\n|\n```$/g, ''), '```', '');
  if (shorthand) lines.push(shorthand, '');
  return [...lines, ...options, ...properties].join('\n').trimEnd();
}

function fail(message) {
  throw new Error(`docs: ${message}`);
}
