/**
 * The search index: a script that any page can load, from a server or from a file, as `fetch` cannot there.
 * One entry a symbol, section, transform or pipeline: [title, kind, address, text].
 */

/** Characters of text kept an entry. */
const KEPT = 1500;

export function searchIndex(entries) {
  const rows = entries.map(({ title, kind, address, text }) => [title, kind, address, text.slice(0, KEPT)]);
  // '<' is escaped, as the file may be put into a page.
  return `window.rxaugIndex = ${JSON.stringify(rows).replaceAll('<', '\\u003c')};\n`;
}
