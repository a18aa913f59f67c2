/** Where each file of the repository is found on the site; links between files become links between pages. */
import fs from 'node:fs';
import path from 'node:path';

/** The order of guides in the navigation; guides that are not named here follow. */
const ORDER = [
  'install',
  'commands',
  'concepts',
  'sources',
  'streams',
  'policies',
  'search',
  'targets',
  'training',
  'models',
  'regularizers',
  'autoencoder',
  'gan',
  'dagan',
  'evaluation',
  'resuming',
  'plugins',
  'export',
  'onnx',
  'backends',
  'decoding',
  'results',
];
const PICTURES = /\.(?:jpe?g|png|webp|svg|gif)$/i;
const isExternal = (href) => /^[a-z][a-z+.-]*:/i.test(href);

export class Places {
  /** Repository path to address, of what is a page. */
  #pages = new Map([
    ['README.md', 'index.html'],
    ['docs/transforms.md', 'transforms.html'],
  ]);
  /** Repository path to address, of what is only copied. */
  #copies = new Map();

  constructor(root) {
    this.root = root;
    for (const file of this.#guides()) this.#pages.set(`docs/${file}`, `guides/${addressOf(file)}`);
  }

  /** Guides as { file, address }, in the order of the navigation. */
  get guides() {
    const rank = (file) => {
      const at = ORDER.indexOf(file.split(/[/.]/)[0]);
      return at < 0 ? ORDER.length : at;
    };
    return [...this.#pages]
      .filter(([file]) => file.startsWith('docs/') && file !== 'docs/transforms.md')
      .map(([file, address]) => ({ file, address }))
      .sort((a, b) => rank(a.file.slice(5)) - rank(b.file.slice(5)) || byName(a.address, b.address));
  }

  /** The page of headline figures. */
  get results() {
    return this.#pages.get('docs/results/README.md');
  }

  #guides() {
    return fs
      .readdirSync(path.join(this.root, 'docs'), { recursive: true })
      .map((file) => String(file).split(path.sep).join('/'))
      .filter((file) => file.endsWith('.md') && file !== 'transforms.md');
  }

  /** The address, from a page, of what a link in a file leads to. */
  resolve(href, file, page) {
    if (isExternal(href) || href.startsWith('#')) return href;
    const [target, anchor] = href.split('#');
    const found = path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURI(target)));
    const plain = found.replace(/\/$/, '');
    const address = this.#pages.get(plain) ?? this.#pages.get(`${plain}/README.md`) ?? this.#pipeline(plain);
    if (address) return relative(page, address) + (anchor && !address.includes('#') ? `#${anchor}` : '');
    return this.copy(plain, page);
  }

  #pipeline(file) {
    const [, name] = /^pipelines\/([\w-]+)\.ts$/.exec(file) ?? [];
    if (file === 'pipelines') return 'pipelines.html';
    return name && fs.existsSync(path.join(this.root, file)) ? `pipelines.html#${name}` : undefined;
  }

  /** The address of a copy of a file; text is copied as .txt, which every browser shows. */
  copy(file, page) {
    if (!fs.existsSync(path.join(this.root, file))) return relative(page, `files/${file}`); // the check of links says so
    const address = PICTURES.test(file) ? `files/${file}` : `files/${file}.txt`;
    this.#copies.set(file, address);
    return relative(page, address);
  }

  /** Writes the copies that links asked for. */
  writeCopies(out) {
    for (const [file, address] of this.#copies) {
      const from = path.join(this.root, file);
      const to = path.join(out, address);
      fs.mkdirSync(path.dirname(to), { recursive: true });
      if (fs.statSync(from).isDirectory())
        fs.writeFileSync(to, `${file}/\n\n${fs.readdirSync(from).sort().join('\n')}\n`);
      else fs.copyFileSync(from, to);
    }
  }
}

/** The page of a folder stands before those in it. */
const byName = (a, b) => (a.replace('index.html', '') < b.replace('index.html', '') ? -1 : 1);
const addressOf = (file) => file.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');

/** An address as seen from a page. */
export const relative = (page, address) => '../'.repeat(page.split('/').length - 1) + address;
