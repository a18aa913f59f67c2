/** The documentation site: its links, and its page of sliders, run outside a browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
// @ts-expect-error plain JavaScript
import { build } from '../scripts/build.mjs';
// @ts-expect-error plain JavaScript
import { checkMarkdown, checkSite, markdownFiles } from '../scripts/docs/check/links.mjs';
// @ts-expect-error plain JavaScript
import { render as renderMarkdown } from '../scripts/docs/site/markdown.mjs';
// @ts-expect-error plain JavaScript
import { bundle } from '../scripts/docs/site/try.mjs';
import { Engine, lower, ops, type SampleOperator, TRANSFORMS } from '../src/augment/index.js';
import { type Draw, fold, keyOf } from '../src/core/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Factory {
  (options: object): SampleOperator;
  readonly spec: { readonly name: string; readonly magnitude?: (strength: number) => object };
}
const factories = TRANSFORMS as unknown as readonly Factory[];

/** Noise over a gradient. */
function noisy(width: number, height: number) {
  const data = new Uint8Array(3 * width * height);
  let state = 12345;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = ((i >> 4) + (state >>> 26)) & 255;
  }
  return { data, width, height };
}

describe('the page of sliders', () => {
  interface Page {
    readonly FACTORIES: ReadonlyMap<string, { kind: string; schema?: unknown }>;
    prepare(): Promise<void>;
    render(name: string, options: unknown, seed: number, image: object): { recipe: Draw[]; image: Picture };
    codeLine(name: string, options: unknown, defaults: unknown): string;
    optionsOf(schema: unknown): { name: string; schema: object }[];
    kindOf(schema: object, initial: unknown): string;
    rangeOf(schema: object, initial: unknown): { min: number; max: number; step: number };
  }
  interface Picture {
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
  }
  let page: Page;
  const image = noisy(48, 40);

  beforeAll(async () => {
    await build(root);
    const wasm = readFileSync(join(root, 'dist', 'kernels', 'kernels.wasm')).toString('base64');
    const code: string = await bundle(root, 'index.js', { wasm }, 'page');
    // What a browser has, and nothing of Node.
    const context = createContext({ WebAssembly, atob, performance, console, TextEncoder, TextDecoder });
    page = runInContext(`${code}; page`, context) as Page;
    await page.prepare();
  });

  it('render gives the bytes that the engine gives in Node, for every transform with a magnitude', () => {
    const differing: string[] = [];
    let compared = 0;
    for (const factory of factories) {
      const { name, magnitude } = factory.spec;
      if (page.FACTORIES.get(name)?.kind !== 'transform' || !magnitude) continue;
      for (const seed of [1, 2]) {
        const options = { ...magnitude(0.7), p: 1 };
        const drawn = page.render(name, options, seed, image);
        const recipe = factory(options).transform.draw(fold(keyOf(seed), 0), 0);
        const plan = lower(recipe, image.width, image.height, ops());
        const data = new Uint8Array(3 * plan.width * plan.height);
        const size = { width: plan.width, height: plan.height };
        new Engine().run(plan, image, { data, ...size, dtype: 'uint8', layout: 'HWC' });
        compared++;
        if (Buffer.compare(Buffer.from(drawn.image.data), data) !== 0)
          differing.push(`${name}, seed ${seed}`);
      }
    }
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });

  it('has every transform, by its name, except those that it lists as not available', () => {
    const missing = factories.map(({ spec }) => spec.name).filter((name) => !page.FACTORIES.has(name));
    expect(missing.sort()).toEqual(['jpegCompression', 'normalize', 'webpCompression']);
  });

  it('codeLine leaves defaults out and uses the shorthand where it means the same', () => {
    const line = (options: object) =>
      page.codeLine('rotate', { angle: [-30, 30], p: 1, ...options }, { angle: [-30, 30], p: 1 });
    expect(line({})).toBe('rotate()');
    expect(line({ angle: [-45, 45] })).toBe('rotate(45)');
    expect(line({ angle: [10, 20] })).toBe('rotate([10, 20])');
    expect(line({ angle: [10, 20], p: 0.5 })).toBe('rotate({ angle: [10, 20], p: 0.5 })');
  });

  it('optionsOf, kindOf and rangeOf give an option the control and the range of its schema', () => {
    const kinds = (name: string) =>
      Object.fromEntries(
        page
          .optionsOf(page.FACTORIES.get(name)?.schema)
          .map((option) => [
            option.name,
            page.kindOf(option.schema, (option.schema as { default: unknown }).default),
          ]),
      );
    expect(kinds('rotate')).toEqual({
      interpolation: 'choice',
      border: 'choice',
      fill: 'color',
      angle: 'interval',
    });
    expect(kinds('gaussianNoise')).toMatchObject({ sigma: 'interval', perChannel: 'flag' });
    expect(kinds('hideAndSeek').cells).toBe('json');
    const angle = page.optionsOf(page.FACTORIES.get('rotate')?.schema).find(({ name }) => name === 'angle');
    const { prefixItems } = (angle as { schema: { prefixItems?: object[] } }).schema;
    expect(page.rangeOf(prefixItems?.[0] as object, [-30, 30])).toMatchObject({ min: -360, max: 360 });
  });
});

describe('links', () => {
  it('between Markdown files lead to files and headings that are there', () => {
    expect(checkMarkdown(root, markdownFiles(root)).broken).toEqual([]);
  });

  it('checkSite reports missing files and anchors, and lists what leads elsewhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxaug-links-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'index.html'),
      '<p id="here"></p><a href="#here">1</a><a href="#gone">2</a><a href="b.html#x">3</a><a href="b.html#y">4</a><img src="c.png"><a href="https://example.org/">5</a>',
    );
    writeFileSync(join(folder, 'b.html'), '<h2 id="x">x</h2>');
    expect(checkSite(folder)).toEqual({
      checked: 5,
      broken: [
        { from: 'index.html', to: '#gone', why: 'no anchor #gone in index.html' },
        { from: 'index.html', to: 'b.html#y', why: 'no anchor #y in b.html' },
        { from: 'index.html', to: 'c.png', why: 'no file c.png' },
      ],
      external: ['https://example.org/'],
    });
  });

  it('render gives headings the anchors that GitHub gives them', () => {
    const { headings } = renderMarkdown('# A & b: `c()` – d\n## Twice\n## Twice\n');
    expect(headings.map(({ id }: { id: string }) => id)).toEqual(['a--b-c--d', 'twice', 'twice-1']);
  });
});
