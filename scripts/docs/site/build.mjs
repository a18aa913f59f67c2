/** Builds the site: guides, transforms, pipelines, API and sliders, with one search over all of them. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectTransforms, loadBuilt } from '../transforms.mjs';
import { addresses, asideOf, indexPage, kindOf, summaryOf, symbolPage } from './api.mjs';
import { escapeHtml } from './highlight.mjs';
import { layout } from './layout.mjs';
import { render, textOf } from './markdown.mjs';
import { pipelinesPage, readPipelines } from './pipelines.mjs';
import { Places, relative } from './places.mjs';
import { searchIndex } from './search.mjs';
import { galleryPage } from './transforms.mjs';
import { tryAssets, tryPage, UNAVAILABLE } from './try.mjs';

const STYLES = fileURLToPath(new URL('./styles/', import.meta.url));
const ASSETS = fileURLToPath(new URL('./assets/', import.meta.url));

/** @param symbols what readSymbols gives, with declarations */
export async function buildSite(root, out, symbols) {
  fs.rmSync(out, { recursive: true, force: true });
  const site = new Site(
    root,
    out,
    symbols.filter(({ external }) => !external),
  );
  const built = await loadBuilt(root);
  const transforms = collectTransforms(root, built, symbols).map((entry) => ({
    ...entry,
    summary: summaryOf(entry.about),
    picture: site.picture(entry.name),
    tryable: entry.kind === 'transform' && !UNAVAILABLE.has(entry.name),
  }));
  site.front();
  site.guides();
  site.transforms(transforms);
  site.api(transforms);
  site.pipelines();
  site.write('try.html', { title: 'Try', wide: true, scripts: ['assets/try.js'], ...tryPage() });
  site.search.push({
    title: 'Try',
    kind: 'page',
    address: 'try.html',
    text: 'Draw any transform with sliders on a photo of your own.',
  });
  fs.cpSync(ASSETS, path.join(out, 'assets'), { recursive: true });
  fs.writeFileSync(path.join(out, 'assets', 'style.css'), styles());
  for (const [name, text] of await tryAssets(root, transforms))
    fs.writeFileSync(path.join(out, 'assets', name), text);
  fs.writeFileSync(path.join(out, 'assets', 'search-index.js'), searchIndex(site.search));
  site.places.writeCopies(out);
  return { pages: site.count, bytes: bytesIn(out) };
}

class Site {
  count = 0;
  search = [];

  constructor(root, out, symbols) {
    this.root = root;
    this.out = out;
    this.symbols = symbols;
    this.places = new Places(root);
    this.addresses = addresses(symbols);
    this.byName = new Map();
    /** Words of prose that are linked; of names for plugins, such as `size`, most are other things there. */
    this.inProse = new Map();
    // Of a value and a type of one name, the value.
    for (const symbol of [...symbols].sort((a, b) => Number(a.value) - Number(b.value))) {
      const address = this.addresses.get(symbol);
      this.byName.set(symbol.name, address);
      if (symbol.entries.some((entry) => entry !== 'rxaug/plugin')) this.inProse.set(symbol.name, address);
    }
    this.context = {
      link: (name, page) => this.#link(this.byName, name, page),
      results: (page) => relative(page, this.places.results),
      file: (file, page) => this.places.copy(file, page),
      render: (text, page, file = 'docs/') => this.render(text, page, file),
    };
  }

  #link(names, name, page) {
    const address = names.get(name);
    return address === undefined || address === page ? undefined : relative(page, address);
  }

  render(text, page, file) {
    return render(text, {
      resolve: (href) => this.places.resolve(href, file, page),
      link: (name) => this.#link(this.inProse, name, page),
    });
  }

  write(page, content) {
    const file = path.join(this.out, page);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, layout({ page, ...content }));
    this.count++;
  }

  /** The address of a transform's strip, from the top of the site. */
  picture(name) {
    const from = path.join(this.root, 'docs', 'transforms', `${name}.jpg`);
    if (!fs.existsSync(from)) return undefined;
    const to = path.join(this.out, 'assets', 'transforms', `${name}.jpg`);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(from, to);
    return `assets/transforms/${name}.jpg`;
  }

  front() {
    const page = 'index.html';
    const { html, title, headings, sections } = this.#read('README.md', page);
    this.#index(sections, 'start', page, title);
    this.write(page, { title: 'rxaug', body: html, toc: headings });
  }

  guides() {
    const guides = this.places.guides.map(({ file, address }) => ({
      file,
      address,
      ...this.#read(file, address),
    }));
    const list = (page) =>
      guides
        .map(({ address, title }) => {
          const current = address === page ? ' aria-current="page"' : '';
          const head = address === 'guides/results/index.html' ? '<b>Results</b>' : '';
          return `${head}<a href="${relative(page, address)}"${current}>${escapeHtml(title)}</a>`;
        })
        .join('');
    for (const { address, html, title, headings, sections } of guides) {
      this.#index(sections, 'guide', address, title);
      this.write(address, { title, body: html, aside: list(address), toc: headings });
    }
    const page = 'guides/index.html';
    if (guides.some(({ address }) => address === page)) return;
    const cards = guides.map(
      ({ address, title, html }) =>
        `<section class="card"><h3><a href="${relative(page, address)}">${escapeHtml(title)}</a></h3><p>${escapeHtml(firstSentence(html))}</p></section>`,
    );
    this.write(page, {
      title: 'Guides',
      wide: true,
      body: `<h1>Guides</h1><div class="cards">${cards.join('')}</div>`,
    });
  }

  transforms(entries) {
    const page = 'transforms.html';
    for (const { name, about, category } of entries)
      this.search.push({
        title: name,
        kind: 'transform',
        address: `${page}#${name.toLowerCase()}`,
        text: `${category}. ${plain(about)}`,
      });
    this.write(page, { title: 'Transforms', wide: true, ...galleryPage(entries, this.context, page) });
  }

  api(transforms) {
    const about = new Map(transforms.map((entry) => [entry.name, entry]));
    const summaries = new Map();
    for (const symbol of this.symbols) {
      const page = this.addresses.get(symbol);
      const summary = summaryOf(symbol.doc);
      summaries.set(
        symbol,
        this.render(summary, 'api/index.html', 'docs/').html.replace(/^<p>|<\/p>\s*$/g, ''),
      );
      const entry = symbol.value ? about.get(symbol.name) : undefined;
      const extra = entry ? this.#transform(entry, page) : '';
      const body = symbolPage(symbol, page, this.context, extra, (entry?.options.length ?? 0) > 0);
      this.search.push({ title: symbol.name, kind: kindOf(symbol), address: page, text: plain(symbol.doc) });
      this.write(page, { title: symbol.name, body, aside: asideOf(symbol, this.symbols, this.addresses) });
    }
    this.write('api/index.html', { title: 'API', ...indexPage(this.symbols, this.addresses, summaries) });
  }

  #transform({ name, picture, options, tryable, kind, shorthand }, page) {
    const parts = [];
    if (picture) parts.push(`<p><img src="${relative(page, picture)}" alt="${name}: before and after"></p>`);
    if (tryable) parts.push(`<p><a href="${relative(page, 'try.html')}#${name}">Try it with sliders</a></p>`);
    if (kind === 'policy')
      parts.push(`<p><a href="${relative(page, 'guides/policies.html')}">About policies</a></p>`);
    if (shorthand) parts.push(this.render(shorthand, page, 'docs/').html);
    if (options.length > 0) parts.push(`<h2>Options</h2>${render(options.join('\n')).html}`);
    return parts.join('\n');
  }

  pipelines() {
    const page = 'pipelines.html';
    const pipelines = readPipelines(this.root);
    for (const { name, about } of pipelines)
      this.search.push({ title: name, kind: 'pipeline', address: `${page}#${name}`, text: plain(about) });
    const toc = pipelines.map(({ name }) => ({ level: 2, text: name, id: name }));
    this.write(page, { title: 'Pipelines', toc, body: pipelinesPage(pipelines, this.context, page) });
  }

  #read(file, page) {
    return this.render(fs.readFileSync(path.join(this.root, file), 'utf8'), page, file);
  }

  #index(sections, kind, address, title) {
    for (const section of sections)
      this.search.push({
        title: section.title === title ? title : `${section.title} (${title})`,
        kind,
        address: section.id ? `${address}#${section.id}` : address,
        text: section.text,
      });
  }
}

/** Parts of the style sheet, in the order of their names. */
const styles = () =>
  fs
    .readdirSync(STYLES)
    .sort()
    .map((file) => fs.readFileSync(path.join(STYLES, file), 'utf8'))
    .join('\n');
const plain = (markdown) => textOf(render(markdown).html);
const firstSentence = (html) => {
  const [, paragraph = ''] = /<p>([\s\S]*?)<\/p>/.exec(html) ?? [];
  return summaryOf(textOf(paragraph));
};

function bytesIn(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}
