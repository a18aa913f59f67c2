/** What every page of the site shares: head, navigation, search, colors of day and night. */
import { escapeHtml } from './highlight.mjs';

const SECTIONS = [
  ['index.html', 'Start'],
  ['guides/index.html', 'Guides'],
  ['transforms.html', 'Transforms'],
  ['try.html', 'Try'],
  ['pipelines.html', 'Pipelines'],
  ['api/index.html', 'API'],
];

/**
 * @param page its address on the site, such as `guides/models.html`
 * @param aside the navigation beside the text, as HTML
 * @param toc headings to list beside the text: { level, text, id }
 * @param scripts addresses of further scripts
 */
export function layout({ page, title, body, aside = '', toc = [], scripts = [], wide = false }) {
  const up = '../'.repeat(page.split('/').length - 1);
  const here = (address) =>
    address === page || (address.endsWith('/index.html') && page.startsWith(address.slice(0, -10)));
  const links = SECTIONS.map(
    ([address, name]) =>
      `<a href="${up}${address}"${here(address) ? ' aria-current="page"' : ''}>${name}</a>`,
  ).join('');
  const contents = toc.filter(({ level }) => level === 2 || level === 3);
  const list = contents
    .map(({ level, text, id }) => `<a class="l${level}" href="#${id}">${escapeHtml(text)}</a>`)
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title === 'rxaug' ? title : `${title} · rxaug`)}</title>
<link rel="icon" href="data:,">
<script>try { const t = localStorage.getItem('rxaug-theme'); if (t) document.documentElement.dataset.theme = t; } catch {}</script>
<link rel="stylesheet" href="${up}assets/style.css">
</head>
<body data-root="${up}">
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="name" href="${up}index.html">rxaug</a>
<nav aria-label="Sections">${links}</nav>
<div class="search"><input type="search" id="search" placeholder="Search (press /)" aria-label="Search" autocomplete="off" role="combobox" aria-expanded="false" aria-controls="hits"><div id="hits" role="listbox" hidden></div></div>
<button id="theme" type="button" aria-label="Light or dark">◐</button>
</header>
<div class="page${aside ? ' with-aside' : ''}${contents.length > 1 ? ' with-toc' : ''}${wide ? ' wide' : ''}">
${aside ? `<aside><details id="aside"><summary>Pages</summary>${aside}</details></aside>` : ''}
<main id="main">${body}</main>
${contents.length > 1 ? `<nav class="toc" aria-label="On this page"><b>On this page</b>${list}</nav>` : ''}
</div>
<script src="${up}assets/site.js"></script>
${scripts.map((address) => `<script src="${up}${address}"></script>`).join('\n')}
</body>
</html>
`;
}
