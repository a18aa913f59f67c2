#!/usr/bin/env node
/**
 * Screenshots of the site in site/, at phone and desktop width, into docs/screenshots/: `npm run docs`, then
 * `node scripts/screenshots.mjs [folder]`. Needs Chromium; every page is also checked for errors of its scripts,
 * for loads from elsewhere and for sideways scrolling, and the page of sliders draws every transform once.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findChromium, openBrowser } from './docs/browser/chromium.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const site = path.join(root, 'site');
const out = path.resolve(process.argv[2] ?? path.join(root, 'docs', 'screenshots'));

/** Addresses of the pages, the pictures' names, and how dark the phone is. */
const PAGES = [
  ['index.html', 'start'],
  ['guides/policies.html', 'guide'],
  ['transforms.html', 'transforms'],
  ['pipelines.html', 'pipelines'],
  ['api/rotate.html', 'api'],
  ['try.html#fog', 'sliders'],
];
const LOOKS = [
  ['desktop', { width: 1280, height: 900 }],
  ['phone', { width: 390, height: 844, phone: true, dark: true }],
];
/** Bytes of one picture at most. */
const MOST = 150_000;

const command = findChromium();
if (command === undefined) {
  console.error(
    'screenshots: no Chromium was found; install it (apt-get install chromium), or name it in CHROMIUM',
  );
  process.exit(1);
}
if (!fs.existsSync(path.join(site, 'index.html'))) {
  console.error('screenshots: there is no site/index.html; run npm run docs');
  process.exit(1);
}
fs.mkdirSync(out, { recursive: true });
const problems = [];
const browser = await openBrowser(command);
try {
  for (const [page, name] of PAGES) for (const look of LOOKS) await shoot(page, name, look);
  await drawAll();
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
console.log(
  `${PAGES.length * LOOKS.length} screenshots in ${path.relative(process.cwd(), out) || '.'}, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

async function shoot(page, name, [look, settings]) {
  await browser.visit(
    pathToFileURL(path.join(site, page.split('#')[0])).href +
      (page.includes('#') ? `#${page.split('#')[1]}` : ''),
    settings,
  );
  if (page.startsWith('try.html')) await browser.until('document.body.dataset.ready === "true"');
  // The pictures that are in sight.
  await browser.until('[...document.images].every((image) => image.complete || image.loading === "lazy")');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const sideways = await browser.evaluate('document.documentElement.scrollWidth - innerWidth');
  if (sideways > 0) problems.push(`${page}, ${look}: scrolls sideways by ${sideways} pixels`);
  check(page, look);
  const picture = await browser.screenshot('webp', 70);
  if (picture.length > MOST)
    problems.push(`${name}-${look}.webp: ${picture.length} bytes; at most ${MOST} are kept`);
  fs.writeFileSync(path.join(out, `${name}-${look}.webp`), picture);
}

function check(page, look) {
  for (const error of browser.errors) problems.push(`${page}, ${look}: ${error}`);
  for (const url of browser.requests)
    if (!/^(?:file|data|blob|about):/.test(url)) problems.push(`${page}, ${look}: asks for ${url}`);
}

async function drawAll() {
  const page = 'try.html';
  await browser.visit(pathToFileURL(path.join(site, page)).href, LOOKS[0][1]);
  await browser.until('document.body.dataset.ready === "true"');
  const failed = await browser.evaluate(`(async () => {
    const failed = [];
    const list = document.getElementById('transform');
    for (const { value } of list.options) {
      list.value = value;
      list.dispatchEvent(new Event('input'));
      for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
      const error = document.getElementById('error').textContent;
      if (error || !document.getElementById('code').textContent.startsWith(value)) failed.push(value + ': ' + error);
    }
    return failed;
  })()`);
  problems.push(...failed.map((each) => `${page}: ${each}`));
  await dropPhoto(page);
  check(page, 'desktop');
}

/** A photo that is dropped on the page is scaled down and drawn. */
async function dropPhoto(page) {
  await browser.evaluate(`(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 800 });
    canvas.getContext('2d').fillRect(100, 100, 500, 300);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([blob], 'photo.jpg', { type: 'image/jpeg' }));
    document.getElementById('transform').value = 'horizontalFlip';
    document.getElementById('transform').dispatchEvent(new Event('input'));
    dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
  })()`);
  try {
    await browser.until(`document.getElementById('size').textContent === '640×400'`, 10);
  } catch (error) {
    problems.push(`${page}: a dropped photo is not drawn; ${error.message}`);
  }
}
