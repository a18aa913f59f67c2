/** HTML from templates in which every inserted text is escaped. */
import { printable } from '../../core/index.js';

/** Markup that needs no escaping: only `markup` makes it. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What a template takes: text is escaped, lists are joined, undefined is nothing. */
export type Part = string | number | Markup | undefined | readonly Part[];

/** A text of the report may be long; one that is longer is cut in its middle. */
const LONGEST = 4000;

/**
 * HTML of a template: names of classes, arms and files are anyone's text.
 *
 * @example markup`<b>${'<script>'}</b>`.text // → '<b>&lt;script&gt;</b>'
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? part : written(values[i - 1]) + part)).join(''));
}

function written(value: Part): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return (value as readonly Part[]).map(written).join('');
  return escaped(String(value));
}

/** Controls and marks of direction become visible escapes; the rest as HTML has it, in text and in attributes. */
function escaped(text: string): string {
  return printable(text, LONGEST).replace(
    /[&<>"']/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign] as string,
  );
}

/** A table with headings; the cells of `numeric` columns are aligned right. On a narrow screen it scrolls. */
export function grid(
  head: readonly string[],
  rows: readonly (readonly Part[])[],
  numeric: readonly number[] = [],
): Markup {
  const side = (i: number) => (numeric.includes(i) ? markup` class="n"` : undefined);
  return markup`<div class="scroll"><table><thead><tr>${head.map((title, i) => markup`<th${side(i)}>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell, i) => markup`<td${side(i)}>${cell ?? '–'}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

/** A PNG inside the page. */
export function image(png: Uint8Array, alt: string): Markup {
  const data = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString('base64');
  return markup`<img src="data:image/png;base64,${new Markup(data)}" alt="${alt}">`;
}
