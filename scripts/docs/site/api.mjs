/** API pages: an index of all entry points, and a page for each public symbol. */
import { escapeHtml, highlight } from './highlight.mjs';
import { codeBlock } from './markdown.mjs';

/** Addresses below `api/`, distinct also on file systems that ignore case (`batch` and `Batch`). */
export function addresses(symbols) {
  const taken = new Set();
  const found = new Map();
  for (const symbol of symbols) {
    const plain = symbol.value ? symbol.name : `type-${symbol.name}`;
    let name = plain;
    for (let i = 2; taken.has(name.toLowerCase()) || name === 'index'; i++) name = `${plain}-${i}`;
    taken.add(name.toLowerCase());
    found.set(symbol, `api/${name}.html`);
  }
  return found;
}

/** Where a symbol is listed: the folder that declares it. */
export const groupOf = ({ file, external }) =>
  external ? 'other packages' : file.split('/').slice(1, -1).join(' / ') || 'top';

export const summaryOf = (doc) => {
  const [paragraph = ''] = doc.split(/\n\s*\n/);
  const plain = paragraph.replace(/\s+/g, ' ').trim();
  return /^(.{20,}?[.:;!?])(?:\s|$)/.exec(plain)?.[1].replace(/[:;]$/, '.') ?? plain;
};

/** A constant that is called is a function to its reader. */
export const kindOf = ({ kind, declarations }) =>
  declarations[0]?.startsWith('function') ? 'function' : kind;

/** `{@link name}` as the code that becomes a link. */
const plainLinks = (text) => text.replace(/\{@link(?:code|plain)? ([^}|\s]+)[^}]*\}/g, '`$1`');

/**
 * @param context `{ render(text, page), link(page) }` of the site
 * @param extra HTML below the declaration: a transform's picture and options
 * @param hasTable whether `extra` has a table of the options
 */
export function symbolPage(symbol, page, context, extra = '', hasTable = false) {
  const { name, entries, doc, tags, examples, declarations, file, line, external } = symbol;
  const md = (text) => context.render(plainLinks(text), page).html;
  const link = (word) => (word === name ? undefined : context.link(word, page));
  const entry = entries[0];
  const bring = symbol.value
    ? `import { ${name} } from '${entry}';`
    : `import type { ${name} } from '${entry}';`;
  const tag = (...names) => tags.filter((each) => names.includes(each.name));
  const list = (title, found) =>
    found.length === 0
      ? ''
      : `<h2>${title}</h2><ul>${found.map((each) => `<li>${md(each.text)}</li>`).join('')}</ul>`;
  const parameters = tag('param').map(({ text }) => {
    const [, parameter, about] = /^(\S+)\s*(?:-\s*)?([\s\S]*)$/.exec(text) ?? ['', text, ''];
    return { text: `\`${parameter}\` ${about}` };
  });
  const others = tags.filter(
    ({ name: each }) =>
      !['param', 'returns', 'return', 'throws', 'see', 'default', 'deprecated'].includes(each),
  );
  return [
    `<h1>${escapeHtml(name)}</h1>`,
    `<p><span class="kind">${kindOf(symbol)}</span><span class="kind">${escapeHtml(entry)}</span>` +
      `${external ? '' : `<span class="soft">${escapeHtml(file)}:${line}</span>`}</p>`,
    tag('deprecated')
      .map(({ text }) => `<blockquote>${md(`Deprecated: ${text}`)}</blockquote>`)
      .join(''),
    doc ? md(doc) : '',
    codeBlock(bring, 'ts', () => undefined),
    ...declarations.map((text) => `<div class="declaration">${codeBlock(text, 'ts', link)}</div>`),
    extra,
    hasTable ? '' : symbol.options.map((table) => optionsTable(table, link, md)).join(''),
    examples.length > 0
      ? `<h2>Example</h2>${examples.map((text) => codeBlock(unfenced(text), 'ts', link)).join('')}`
      : '',
    list('Parameters', parameters),
    list('Returns', tag('returns', 'return')),
    list('Default', tag('default')),
    list('Throws', tag('throws')),
    list('See', tag('see')),
    ...others.map(({ name: each, text }) => list(each, [{ text }])),
  ].join('\n');
}

/** Options of a function as a table. */
function optionsTable({ parameter, properties }, link, md) {
  const rows = properties.map(
    ({ name, optional, type, doc }) =>
      `<tr><td><code>${escapeHtml(name)}${optional ? '?' : ''}</code></td>` +
      `<td><code>${highlight(type, 'ts', link)}</code></td><td>${doc ? md(doc) : ''}</td></tr>`,
  );
  const title = /^\w+$/.test(parameter) ? parameter : 'options';
  return `<h2>Properties of <code>${title}</code></h2><div class="table"><table class="options">${rows.join('')}</table></div>`;
}

const unfenced = (text) => /^```\w*\n([\s\S]*?)\n?```$/.exec(text.trim())?.[1] ?? text;

/** Symbols by entry point, then by the folder that declares them. */
export function indexPage(symbols, hrefs, summaries) {
  const entries = [...new Set(symbols.flatMap((symbol) => symbol.entries))].sort();
  const parts = entries.map((entry) => {
    const own = symbols.filter((symbol) => symbol.entries.includes(entry));
    const groups = [...new Set(own.map(groupOf))].sort();
    const tables = groups.map((group) => {
      const rows = own
        .filter((symbol) => groupOf(symbol) === group)
        .map(
          (symbol) =>
            `<tr><td><a href="../${hrefs.get(symbol)}"><code>${escapeHtml(symbol.name)}</code></a></td>` +
            `<td class="soft">${kindOf(symbol)}</td><td>${summaries.get(symbol)}</td></tr>`,
        );
      return `<h3 id="${anchor(entry, group)}">${escapeHtml(group)}</h3><div class="table"><table class="api">${rows.join('')}</table></div>`;
    });
    return `<h2 id="${anchor(entry)}">${escapeHtml(entry)}</h2><p class="soft">${own.length} names</p>${tables.join('')}`;
  });
  const toc = entries.flatMap((entry) => [
    { level: 2, text: entry, id: anchor(entry) },
    ...[...new Set(symbols.filter((symbol) => symbol.entries.includes(entry)).map(groupOf))]
      .sort()
      .map((group) => ({ level: 3, text: group, id: anchor(entry, group) })),
  ]);
  return {
    toc,
    body: `<h1>API</h1><p>Every name that the package exports, by entry point and by the folder that declares it.</p>${parts.join('')}`,
  };
}

const anchor = (...parts) =>
  parts
    .join('-')
    .replace(/[^a-z0-9]+/gi, '-')
    .toLowerCase();

/** Names of the same folder, for the navigation beside a page. */
export function asideOf(symbol, symbols, hrefs) {
  const group = groupOf(symbol);
  const names = symbols
    .filter((each) => groupOf(each) === group)
    .map(
      (each) =>
        `<a href="../${hrefs.get(each)}"${each === symbol ? ' aria-current="page"' : ''}>${escapeHtml(each.name)}</a>`,
    );
  return `<a href="index.html">All of the API</a><b>${escapeHtml(group)}</b>${names.join('')}`;
}
