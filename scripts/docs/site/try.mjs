/** The page of sliders: its HTML, and its script, which holds the engine, the kernels and four pictures. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CATEGORIES } from '../categories.mjs';
import { sceneFiles } from '../scenes.mjs';
import { readSources } from '../sources.mjs';
import { summaryOf } from './api.mjs';
import { UNAVAILABLE } from './try/unavailable.js';

export { UNAVAILABLE };

const FOLDER = fileURLToPath(new URL('./try/', import.meta.url));
const SIDE = 384;

/** @param transforms what collectTransforms gives */
export async function tryAssets(root, transforms) {
  const wasm = fs.readFileSync(path.join(root, 'dist', 'kernels', 'kernels.wasm')).toString('base64');
  const scenes = (await sceneFiles(SIDE)).map((bytes) => bytes.toString('base64'));
  const sources = readSources(path.join(root, 'src', 'augment'));
  const about = Object.fromEntries(
    transforms.map(({ name, category, about: text }) => [
      name,
      { category, summary: summaryOf(text).replaceAll('`', ''), options: sources.get(name)?.about ?? {} },
    ]),
  );
  const categories = CATEGORIES.map(({ folder, title }) => ({ folder, title }));
  const text = await bundle(root, 'main.js', { wasm, scenes, about, categories });
  return [['try.js', text]];
}

/**
 * A file of the page as one script.
 *
 * @param assets what it may import from 'page:assets'
 * @param globalName the variable that holds its exports
 */
export async function bundle(root, file, assets, globalName) {
  const result = await build({
    entryPoints: [path.join(FOLDER, file)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    absWorkingDir: root,
    plugins: [inBrowser(assets)],
  });
  return result.outputFiles[0].text;
}

/** What Node alone has is left out; whatever calls it says so by name. */
const inBrowser = (assets) => ({
  name: 'in-browser',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^page:assets$/ }, ({ path: name }) => ({ path: name, namespace: 'page' }));
    onLoad({ filter: /.*/, namespace: 'page' }, () => ({
      contents: Object.entries(assets)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
        .join('\n'),
    }));
    onResolve({ filter: /^node:/ }, ({ path: name }) => ({ path: name, namespace: 'node' }));
    onLoad({ filter: /.*/, namespace: 'node' }, ({ path: name }) => ({
      contents: `module.exports = new Proxy({}, { get(_, key) { if (key === '__esModule') return; return () => { throw new Error('${name} is not there in a browser'); }; } });`,
    }));
    // The kernels come with the page; codecs do not.
    onLoad({ filter: /[\\/]kernels[\\/]engine[\\/]module\.ts$/ }, () => ({
      contents: `export { instantiate } from ${JSON.stringify(path.join(FOLDER, 'kernels.js'))};`,
      resolveDir: FOLDER,
    }));
    onLoad({ filter: /[\\/](?:jpeg|webp)-codec\.ts$/ }, () => ({
      contents: `const missing = () => { throw new Error('this codec is not there in a browser'); };
export { missing as throughJpeg, missing as throughWebp };`,
    }));
  },
});

const canvases = (count) => Array.from({ length: count }, () => '<canvas></canvas>').join('');

export const tryPage = () => ({
  body: `<h1>Try a transform</h1>
<p>Draws are made and rendered here by the package's own engine and kernels, the same as in Node. Your photo never leaves this
page; it is scaled to at most <span id="longest">640</span> pixels.</p>
<div class="try">
<div class="choose">
<div class="option"><label class="label" for="transform">Transform</label><select id="transform"></select></div>
<div class="option"><label class="label" for="file">Your photo, or drop a file anywhere</label><input type="file" id="file" accept="image/*"></div>
<div class="option"><label class="label" for="scene">Or a picture of ours</label><select id="scene"><option value="0">Still life</option><option value="1">Coast</option><option value="2">Street</option><option value="3">Portrait</option></select></div>
</div>
<div class="seen">
<p id="error" role="alert"></p>
<div id="single" class="pictures"><figure><canvas id="before"></canvas><figcaption>Before</figcaption></figure><figure><canvas id="after"></canvas><figcaption>After, <span id="size"></span></figcaption></figure></div>
<div id="batch" class="batch" hidden>${canvases(8)}</div>
</div>
<div class="options">
<p id="summary"></p>
<div class="option"><label class="label" for="seed">Seed</label><div class="row"><input type="number" id="seed" value="1" min="0" step="1"><button type="button" id="again">Draw again</button><button type="button" id="reset">Reset</button></div></div>
<p id="no-options" class="soft" hidden>Its options are set in code.</p>
<div id="options"></div>
</div>
<div class="texts">
<p class="soft">Drawn and rendered in <span id="time"></span>.<span id="nothing" hidden> This seed does not apply it: the recipe is empty.</span></p>
<h2>Code</h2>
<div class="code"><pre><code id="code"></code></pre></div>
<h2>Recipe</h2>
<div class="code"><pre><code id="recipe"></code></pre></div>
<p class="soft">Not available here: ${[...UNAVAILABLE].map(([name, why]) => `${name} ${why}`).join('; ')}.</p>
</div>
</div>`,
});
