#!/usr/bin/env node
/**
 * Writes the lists of built-in transforms from the files that define them: the imports and `TRANSFORMS` of
 * src/augment/recipe/catalog.ts, and the exports of src/augment/index.ts. `npm run registry`; `--check` only compares.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const augment = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'src', 'augment');
const KINDS = ['blur', 'color', 'crop', 'dropout', 'geometric', 'noise', 'weather'];

/** Every file of a kind that defines a transform: `export const name = defineTransform({`. */
const found = KINDS.flatMap((kind) =>
  readdirSync(path.join(augment, kind))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(path.join(augment, kind, file), 'utf8');
      const names = [...text.matchAll(/^export const (\w+) = defineTransform\(/gm)].map(([, name]) => name);
      // A transform in another form would be missing from the lists.
      if (names.length > 1 || names.length < (text.match(/\bdefineTransform[(<]/g)?.length ?? 0))
        throw new Error(
          `registry: ${kind}/${file}: expected one transform, written export const name = defineTransform({ … }); write it so`,
        );
      const [name] = names;
      return { name, from: `${kind}/${file.replace(/\.ts$/, '.js')}` };
    })
    .filter(({ name }) => name !== undefined),
);
const names = found.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'en'));
const twice = names.filter((name, i) => name === names[i - 1]);
if (twice.length > 0) throw new Error(`registry: two files define ${twice[0]}; rename one`);

const byPath = [...found].sort((a, b) => (a.from < b.from ? -1 : 1));
const OF_A_KIND = new RegExp(`from '\\.\\.?/(${KINDS.join('|')})/`);

/** The lines of a kind's files replaced, where the first of them stood; others keep their places. */
function withLines(text, lines, isOwn = () => true) {
  const old = text.split('\n');
  const mine = (line) => OF_A_KIND.test(line) && isOwn(line);
  const at = old.findIndex(mine);
  const rest = old.filter((line) => !mine(line));
  return [...rest.slice(0, at), ...lines, ...rest.slice(at)].join('\n');
}

const catalog = (text) =>
  withLines(
    text,
    byPath.map(({ name, from }) => `import { ${name} } from '../${from}';`),
  ).replace(
    /(TRANSFORMS = \[\n)[\s\S]*?(\n\] as const;)/,
    `$1${names.map((name) => `  ${name},`).join('\n')}$2`,
  );

const exported = new Set(found.map(({ from }) => `export * from './${from}';`));
const index = (text) => withLines(text, [...exported], (line) => exported.has(line));

const stale = [];
for (const [file, write] of [
  ['recipe/catalog.ts', catalog],
  ['index.ts', index],
]) {
  const at = path.join(augment, file);
  const text = readFileSync(at, 'utf8');
  const sorted = (value) => value.split('\n').sort().join('\n');
  if (sorted(write(text)) === sorted(text)) continue;
  stale.push(`src/augment/${file}`);
  if (!process.argv.includes('--check')) writeFileSync(at, write(text));
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(
    `registry: ${stale.join(' and ')} lacks a transform, or lists one too many; run npm run registry`,
  );
  process.exitCode = 1;
} else
  console.log(
    `registry: ${names.length} transforms${stale.length > 0 ? `; wrote ${stale.join(' and ')}` : ''}`,
  );
