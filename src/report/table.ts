import { printable } from '../core/printable.js';

/** A cell of a table; undefined is shown as a dash. */
export type Cell = string | number | undefined;

/** Characters of a cell, and no character that would leave its line. */
const CELL = 500;

const shown = (cell: Cell) => (cell === undefined ? '–' : printable(String(cell), CELL));

/**
 * A table as plain text: a header, a rule, rows. Columns of numbers are aligned right. Control characters are made
 * printable; a cell holds at most 500 characters.
 *
 * @example
 * console.log(table(['run', 'test'], [['bare', '83.1 %'], ['cutout', '85.0 %']]));
 * // → run     test
 * // → ──────  ──────
 * // → bare    83.1 %
 * // → cutout  85.0 %
 */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const titles = head.map(shown);
  const text = rows.map((row) => head.map((_, i) => shown(row[i])));
  const widths = titles.map((title, i) => Math.max(width(title), ...text.map((row) => width(row[i]))));
  // A unit behind the number keeps a column a column of numbers: '83.1 %'.
  const right = head.map(
    (_, i) => text.length > 0 && text.every((row) => /^(–|[+−-]?[\d.,]+.*)$/.test(row[i])),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const gap = ' '.repeat(widths[i] - width(cell));
        return right[i] ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return [line(titles), widths.map((w) => '─'.repeat(w)).join('  '), ...text.map(line)].join('\n');
}

/**
 * A table in Markdown.
 *
 * @example
 * markdownTable(['run', 'test'], [['bare', 0.8]]) // → '| run | test |\n|---|---|\n| bare | 0.8 |'
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(head.map(shown)),
    `|${'---|'.repeat(head.length)}`,
    ...rows.map((row) => line(head.map((_, i) => shown(row[i])))),
  ].join('\n');
}

/** Characters, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}
