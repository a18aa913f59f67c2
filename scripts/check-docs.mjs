#!/usr/bin/env node
/**
 * Checks the docs: `npm run check:docs`. Builds the site, follows its links, measures how many public values
 * have a doc with an example on the symbol, and runs every example.
 *
 *     --only PATH     symbols declared under PATH only, without the site and the links; may be repeated
 *     --examples      the symbols and their examples only, without the site and the links
 *     --types         lists public types without a doc as well
 *     --json          prints one JSON object
 *
 * An example is the text of an `@example` tag: TypeScript that uses public names without importing them.
 * `// → text` after a statement is compared with what the statement prints or is worth, as console.log shows
 * it; spaces do not count and `…` stands for anything. It runs in a folder with the files that
 * scripts/docs/examples/fixtures.mjs makes: photo.jpg, photos/cat/0.png, data/train-000.tar.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { readSymbols } from './docs/api/symbols.mjs';
import { chooseSymbols, measureSymbols, REQUIRED } from './docs/check/symbols.mjs';
import { runExamples } from './docs/examples/run.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    examples: { type: 'boolean', default: false },
    types: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

await build(root);
const partial = given.examples || given.only.length > 0;
const report = { site: undefined, links: undefined, symbols: undefined, examples: undefined, problems: [] };
const all = readSymbols(root, !partial);
const chosen = chooseSymbols(all, given.only);
if (chosen.length === 0) {
  console.error(
    `check-docs: no public symbol is declared under ${given.only.join(', ')}; give a path below src`,
  );
  process.exit(2);
}
if (!partial) await checkPages();
checkSymbols();
await checkExamples();
if (given.json) console.log(JSON.stringify(report, null, 2));
else print(report);
process.exitCode = report.problems.length > 0 ? 1 : 0;

async function checkPages() {
  const { buildSite } = await import('./docs/site/build.mjs');
  const { checkMarkdown, checkSite, markdownFiles } = await import('./docs/check/links.mjs');
  const out = path.join(root, 'site');
  report.site = await buildSite(root, out, all);
  const site = checkSite(out);
  const markdown = checkMarkdown(root, markdownFiles(root));
  const inSite = site.broken.map((each) => ({ ...each, from: `site/${each.from}` }));
  report.links = {
    checked: site.checked + markdown.checked,
    broken: [...inSite, ...markdown.broken],
    external: [...new Set([...site.external, ...markdown.external])].sort(),
  };
  if (report.links.broken.length > 0) report.problems.push(`${report.links.broken.length} links are broken`);
}

function checkSymbols() {
  report.symbols = measureSymbols(chosen);
  const { share } = report.symbols;
  if (share < REQUIRED)
    report.problems.push(
      `${percent(share)} of public values are documented; ${percent(REQUIRED)} is required`,
    );
}

async function checkExamples() {
  const results = await runExamples(root, all, chosen);
  const failed = results.filter(({ failures }) => failures.length > 0);
  report.examples = { ran: results.length, failed };
  if (failed.length > 0) report.problems.push(`${failed.length} of ${results.length} examples fail`);
}

function print({ site, links, symbols, examples, problems }) {
  list('public values without a doc on the symbol', symbols.withoutDoc);
  list('public values with a doc but without an @example', symbols.withoutExample);
  if (given.types) list('public types without a doc', symbols.typesWithoutDoc);
  for (const { name, file, line, failures } of examples.failed)
    console.log(
      `example of ${name} (${file}:${line}) fails:\n${failures.map((each) => `  ${each}`).join('\n')}`,
    );
  for (const { from, to, why } of links?.broken ?? []) console.log(`broken link in ${from}: ${to} (${why})`);
  if (site) console.log(`site: ${site.pages} pages, ${(site.bytes / 1e6).toFixed(1)} MB`);
  if (links) {
    console.log(
      `links: ${links.checked} followed, ${links.broken.length} broken; not followed, as they lead elsewhere: ${links.external.length}`,
    );
    for (const address of links.external) console.log(`  ${address}`);
  }
  const typed = symbols.types - symbols.typesWithoutDoc.length;
  console.log(
    `docs on symbols: ${symbols.documented} of ${symbols.values} public values have one with an example ` +
      `(${percent(symbols.share)}); ${typed} of ${symbols.types} public types have one`,
  );
  console.log(`examples: ${examples.ran} ran, ${examples.failed.length} failed`);
  console.log(problems.length === 0 ? 'docs are good' : `docs fail: ${problems.join('; ')}`);
}

function list(title, places) {
  if (places.length === 0) return;
  console.log(`${title} (${places.length}):`);
  for (const { name, file, line } of places) console.log(`  ${name}  ${file}:${line}`);
}

function percent(share) {
  return `${(Math.floor(1000 * share) / 10).toFixed(1)} %`;
}
