/**
 * The pages of results: every table links to its entry in the notebook and has its settings in the JSON beside it; no
 * figure of a table is other than in that entry; the headline figures stand in the tables that they link to.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorOf, sectionsOf } from './markdown.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs', 'results');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');

/** The part of a page below an anchor, its subsections included; of the whole page without one. */
function linked(from: string, target: string): string {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : join(dirname(from), path);
  const text = readFileSync(file, 'utf8');
  if (!anchor) return text;
  const found = sectionsOf(text).find(({ heading }) => anchorOf(heading) === anchor);
  if (!found) throw new Error(`${relative(root, file)} has no heading for #${anchor}`);
  return found.text;
}

const NUMBER = '(?:(?<!\\w)[-+])?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)*(?:e-?\\d+)?';
/** A number, or numbers that belong together: '56.7 ± 0.1', '0.93 to 1.20', '20.1, 26.1, 20.6'. */
const FIGURE = new RegExp(`${NUMBER}(?:(?: ± | to |, )${NUMBER})*`, 'g');

const figuresIn = (text: string): string[] => level(text).match(FIGURE) ?? [];

/** Of two ways to write a thing one; `between 158 and 175` is `158 to 175`. */
const level = (text: string) =>
  text
    .replaceAll('−', '-')
    .replaceAll('**', '')
    .replace(/\s+/g, ' ')
    .replace(/(\d) and (?=\d)/g, '$1 to ');

/** Rows of tables and paragraphs: what one figure of a row comes from, its neighbors do too. */
const unitsOf = (text: string): string[] =>
  text
    .split(/\n(?=\|)|\n\s*\n/)
    .map(level)
    .filter((unit) => unit !== '');

const holds = (unit: string, figure: string) =>
  new RegExp(
    `(?<![\\d.,])${figure.replace(/[.+]/g, '\\$&').replace(/^\\?\+/, '\\+?')}(?![\\d]|[.,]\\d)`,
  ).test(unit);

/** Of a row what is not in the unit that has most of it, nor in one more. */
function strangeIn(row: string, units: readonly string[]): string[] {
  let rest = figuresIn(unlinked(row).replace(/`[^`]*`/g, ''));
  for (const _ of ['most', 'one more']) {
    const without = units.map((unit) => rest.filter((figure) => !holds(unit, figure)));
    rest = without.sort((a, b) => a.length - b.length)[0] ?? rest;
  }
  return rest;
}

const rowsOf = (text: string) =>
  text.split('\n').filter((line) => line.startsWith('|') && !/^\|[-|]+\|$/.test(line));
const linksOf = (text: string) =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
const unlinked = (text: string) => text.replace(/\]\([^)]*\)/g, ']');

describe.each(pages)('docs/results/%s', (page) => {
  const file = join(folder, page);
  const text = readFileSync(file, 'utf8');
  const settings = JSON.parse(readFileSync(file.replace(/\.md$/, '.json'), 'utf8')) as Record<
    string,
    { date?: string; command?: string | null; settings?: object; log?: string[] }
  >;
  const sections = sectionsOf(text).filter(({ level, text: body }) => level === 2 && rowsOf(body).length > 0);

  it('has a section for each entry of its JSON, and no other with a table', () => {
    const { machine: _, ...entries } = settings;
    const keys = Object.keys(entries).map(plain);
    const all = sectionsOf(text).map(({ heading }) => plain(heading));
    expect(sections.map(({ heading }) => heading).filter((name) => !keys.includes(plain(name)))).toEqual([]);
    expect(keys.filter((key) => !all.includes(key))).toEqual([]);
  });

  describe.each(sections)('$heading', ({ heading, text: body }) => {
    const [, entry] = Object.entries(settings).find(([key]) => plain(key) === plain(heading)) ?? [];
    const logs = linksOf(body).filter((target) => target.includes('bench/log/') && target.includes('#'));

    it('links to the notebook entries that its JSON names', () => {
      expect(entry).toMatchObject({
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        settings: expect.any(Object),
      });
      const named = new Set(logs.map((target) => target.replace(/^(\.\.\/)+/, '')));
      expect([...named].sort()).toEqual([...(entry?.log ?? [])].sort());
    });

    it('has no figure in its tables that is not in those entries', () => {
      const units = logs.flatMap((target) => unitsOf(linked(file, target)));
      const rows = rowsOf(body);
      expect(figuresIn(rows.join('\n')).length).toBeGreaterThan(0);
      expect(rows.flatMap((row) => strangeIn(row, units).map((figure) => `${figure} in ${row}`))).toEqual([]);
    });
  });
});

it('docs/results/README.md has no headline figure that is not in the section it links to', () => {
  const file = join(folder, 'README.md');
  const rows = rowsOf(readFileSync(file, 'utf8')).slice(1);
  expect(rows.length).toBeGreaterThanOrEqual(8);
  for (const row of rows) {
    const section = level(linked(file, linksOf(row)[0] as string));
    const [, , figure, goal] = row.split('|');
    const figures = figuresIn(`${unlinked(figure as string)} | ${goal}`);
    expect([row, figures.filter((one) => !holds(section, one))]).toEqual([row, []]);
  }
});

it('bench/log has a file a day and nothing else', () => {
  const names = readdirSync(join(root, 'bench', 'log')).filter((name) => name !== 'README.md');
  expect(names.filter((name) => !/^\d{4}-\d\d-\d\d\.md$/.test(name))).toEqual([]);
});

it('scripts that the settings of results name are there', () => {
  for (const page of pages) {
    const json = readFileSync(join(folder, page.replace('.md', '.json')), 'utf8');
    const named = [...json.matchAll(/(?:pipelines|bench|test)\/[\w/-]+\.(?:ts|mjs|py)/g)].map(
      ([path]) => path,
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  }
});

const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
