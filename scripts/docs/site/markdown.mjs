/** Markdown to HTML, with anchors on headings, code in colors, and the text of each section for the search. */
import { Marked } from 'marked';
import { escapeHtml, highlight } from './highlight.mjs';
import { slugger } from './slugs.mjs';

/**
 * @param text the Markdown
 * @param resolve gives the address on the site of a link, or undefined to leave it as it is
 * @param link gives the address of a name in code, or undefined
 * @returns {{ html: string, title: string, headings: { level: number, text: string, id: string }[],
 *   sections: { id: string, title: string, text: string }[] }}
 */
export function render(text, { resolve = () => undefined, link = () => undefined } = {}) {
  const slug = slugger();
  const headings = [];
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const id = slug(html);
        headings.push({ level: depth, text: textOf(html), id });
        return `<h${depth} id="${id}">${html}<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></h${depth}>\n`;
      },
      code: ({ text: code, lang }) => codeBlock(code, (lang ?? '').split(/\s/)[0] || 'text', link),
      codespan: ({ text: code }) => {
        const href = link(code.replace(/\(.*\)$/s, ''));
        return href
          ? `<a href="${href}"><code>${escapeHtml(code)}</code></a>`
          : `<code>${escapeHtml(code)}</code>`;
      },
      link({ href, title, tokens }) {
        // A name in code inside a link would be a link in a link.
        const body = this.parser.parseInline(tokens).replace(/<a [^>]*>|<\/a>/g, '');
        return `<a href="${escapeHtml(resolve(href) ?? href)}"${title ? ` title="${escapeHtml(title)}"` : ''}>${body}</a>`;
      },
      image: ({ href, text: alt }) =>
        `<img src="${escapeHtml(resolve(href) ?? href)}" alt="${escapeHtml(alt)}" loading="lazy">`,
      table({ header, rows }) {
        const cells = (row, tag) =>
          row
            .map(({ tokens, align }) => {
              const style = align ? ` style="text-align:${align}"` : '';
              return `<${tag}${style}>${this.parser.parseInline(tokens)}</${tag}>`;
            })
            .join('');
        const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
        return `<div class="table"><table><thead><tr>${cells(header, 'th')}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(text);
  const title = headings.find(({ level }) => level === 1)?.text ?? headings[0]?.text ?? '';
  return { html, title, headings, sections: sectionsOf(html, title) };
}

export function codeBlock(code, language, link) {
  return `<div class="code"><pre><code class="${language}">${highlight(code, language, link)}</code></pre></div>\n`;
}

export const textOf = (html) =>
  html
    .replace(/<a class="anchor".*?<\/a>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();

/** What stands below each heading, as plain text. */
function sectionsOf(html, title) {
  const parts = html.split(/(?=<h[1-6] id=")/);
  return parts
    .filter((part) => textOf(part) !== '')
    .map((part) => {
      const heading = /^<h[1-6] id="([^"]*)">([\s\S]*?)<\/h[1-6]>/.exec(part);
      return {
        id: heading?.[1] ?? '',
        title: heading ? textOf(heading[2]) : title,
        text: textOf(heading ? part.slice(heading[0].length) : part),
      };
    });
}
