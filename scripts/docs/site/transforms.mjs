/** The gallery of transforms, by category; each leads to its page and to the sliders. */
import { CATEGORIES } from '../categories.mjs';
import { escapeHtml } from './highlight.mjs';

/** @param entries what transforms.mjs of the docs collects: { name, category, summary, picture, tryable } */
export function galleryPage(entries, context, page) {
  const parts = CATEGORIES.map(({ folder, title, about }) => {
    const own = entries.filter((entry) => entry.category === folder);
    if (own.length === 0) return '';
    const cards = own.map((entry) => card(entry, context, page));
    return `<h2 id="${idOf(title)}">${title}</h2><p>${escapeHtml(about)}</p><div class="cards">${cards.join('')}</div>`;
  });
  const toc = CATEGORIES.map(({ title }) => ({ level: 2, text: title, id: idOf(title) }));
  return {
    toc,
    body: `<h1>Transforms</h1>
<p>${entries.length} transforms by kind. Strips run from magnitude 0, the identity, to 1; where a transform has no magnitude they
show the picture before, and then what several seeds make of it. <a href="try.html">Try them with sliders on a photo of your own</a>.</p>
${parts.join('')}`,
  };
}

/** As the headings of docs/transforms.md, so links to it work here. */
const idOf = (title) => title.toLowerCase().replaceAll(' ', '-');

function card({ name, summary, picture, tryable }, context, page) {
  const href = context.link(name, page);
  const title = href ? `<a href="${href}">${name}</a>` : name;
  return `<section class="card" id="${name.toLowerCase()}"><h3>${title}</h3>
${picture ? `<img src="${picture}" alt="${name}: before and after" loading="lazy">` : '<p class="soft">No picture: its result is not an image of bytes.</p>'}
<div>${context.render(summary, page).html}</div>
${tryable ? `<p><a href="try.html#${name}">Try it</a></p>` : ''}</section>`;
}
