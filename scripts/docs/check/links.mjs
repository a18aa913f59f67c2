/** Links within the site and within the repository's Markdown: each must lead to a file, and to an anchor in it. */
import fs from 'node:fs';
import path from 'node:path';
import { render } from '../site/markdown.mjs';

const isExternal = (href) => /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(href) && !href.startsWith('data:');

/** @returns {{ checked: number, broken: { from: string, to: string, why: string }[], external: string[] }} */
export function checkSite(folder) {
  const pages = listed(folder).filter((file) => file.endsWith('.html'));
  const texts = new Map(pages.map((page) => [page, fs.readFileSync(path.join(folder, page), 'utf8')]));
  const ids = new Map([...texts].map(([page, text]) => [page, idsIn(text)]));
  // Transforms are chosen by the hash of the page of sliders.
  const isName = (page, anchor) => page === 'try.html' && /^\w+$/.test(anchor);
  return follow(
    [...texts].map(([page, text]) => [page, hrefsIn(text)]),
    (file) => fs.existsSync(path.join(folder, file)) && fs.statSync(path.join(folder, file)).isFile(),
    (file, anchor) => !ids.has(file) || ids.get(file).has(anchor) || isName(file, anchor),
  );
}

/** The same for Markdown files, given relative to the root, with GitHub's anchors. */
export function checkMarkdown(root, files) {
  const pages = new Map();
  const page = (file) => {
    if (!pages.has(file)) pages.set(file, render(fs.readFileSync(path.join(root, file), 'utf8')));
    return pages.get(file);
  };
  return follow(
    files.map((file) => [file, hrefsIn(page(file).html)]),
    (file) => !file.startsWith('..') && fs.existsSync(path.join(root, file)),
    (file, anchor) => (file.endsWith('.md') ? idsIn(page(file).html).has(anchor) : /^L\d+/.test(anchor)),
  );
}

/** Markdown that readers see: README and other files at the top, docs, results and the notebook. */
export const markdownFiles = (root) => [
  ...fs.readdirSync(root).filter((file) => file.endsWith('.md')),
  ...['docs', 'bench', 'test', 'templates', 'pipelines'].flatMap((folder) =>
    listed(path.join(root, folder))
      .filter((file) => file.endsWith('.md') && !/(?:^|\/)(?:node_modules|\.)/.test(file))
      .map((file) => `${folder}/${file}`),
  ),
];

function follow(pages, exists, hasAnchor) {
  const result = { checked: 0, broken: [], external: new Set() };
  for (const [from, hrefs] of pages) {
    for (const href of hrefs) {
      if (isExternal(href)) {
        if (/^https?:/.test(href)) result.external.add(href);
        continue;
      }
      if (href.startsWith('data:')) continue;
      result.checked++;
      const [target, anchor = ''] = href.split('#');
      const file = target
        ? path.posix
            .normalize(path.posix.join(path.posix.dirname(from), decodeURI(target)))
            .replace(/\/$/, '')
        : from;
      if (!exists(file)) result.broken.push({ from, to: href, why: `no file ${file}` });
      else if (anchor && !hasAnchor(file, decodeURIComponent(anchor)))
        result.broken.push({ from, to: href, why: `no anchor #${anchor} in ${file}` });
    }
  }
  return { ...result, external: [...result.external].sort() };
}

const plainHref = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"');
const hrefsIn = (html) =>
  [...html.matchAll(/<[a-z]+ [^>]*?\b(?:href|src)="([^"]*)"/g)].map((match) => plainHref(match[1]));
const idsIn = (html) => new Set([...html.matchAll(/\bid="([^"]*)"/g)].map((match) => match[1]));

const listed = (folder) =>
  fs.existsSync(folder)
    ? fs.readdirSync(folder, { recursive: true }).map((file) => String(file).split(path.sep).join('/'))
    : [];
