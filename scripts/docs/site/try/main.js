/** The page of sliders: one transform, its options, a seed, the picture before and after, the recipe, the code. */

import { about, categories } from 'page:assets';
import { spectrumOf } from '../../../../src/augment/color/fourier-domain-adaptation.ts';
import { histogramOf } from '../../../../src/augment/color/histogram-matching.ts';
import { codeLine, json } from './code.js';
import { control } from './controls.js';
import { FACTORIES, render, renderBatch } from './draw.js';
import { prepare } from './kernels.js';
import { fromFile, LONGEST, SCENES, scene, show, square } from './photo.js';
import { optionsOf } from './schema.js';

const $ = (id) => document.getElementById(id);
const BATCH_SIDE = 192;

let photo;
let others = [];
/** Of the transform that is shown: { name, entry, defaults, controls }. */
let current;
let waiting = false;

/** What options without a default start at. */
const needed = () => ({
  resize: { size: [240, 320] },
  centerCrop: { size: 224 },
  randomCrop: { size: 224 },
  randomResizedCrop: { size: 224 },
  boxSafeCrop: { size: 224 },
  padTo: { size: 448 },
  longestMaxSize: { size: 256 },
  smallestMaxSize: { size: 256 },
  histogramMatching: { references: others.map((image) => histogramOf(image)) },
  fourierDomainAdaptation: { references: others.map((image) => spectrumOf(image, 8)) },
});
/** Options that no control fits: they are kept as they are. */
const FIXED = new Set(['references']);

function fillList() {
  for (const { folder, title } of categories) {
    const names = [...FACTORIES.keys()].filter((name) => about[name]?.category === folder);
    if (names.length === 0) continue;
    const group = document.createElement('optgroup');
    group.label = title;
    group.append(...names.sort().map((name) => new Option(name, name)));
    $('transform').append(group);
  }
}

function choose(name) {
  const entry = FACTORIES.get(name);
  $('transform').value = name;
  const given = needed()[name] ?? {};
  const options = entry.schema ? optionsOf(entry.schema) : [];
  const fixed = Object.fromEntries(Object.entries(given).filter(([key]) => FIXED.has(key)));
  const defaults = Object.fromEntries(
    options.filter(({ schema }) => 'default' in schema).map(({ name: key, schema }) => [key, schema.default]),
  );
  const controls = options
    .filter(({ name: key, schema }) => !FIXED.has(key) && (key in given || schema.default !== undefined))
    .map((option) => [
      option.name,
      control(
        { ...option, about: about[name].options[option.name] },
        given[option.name] ?? option.schema.default,
        draw,
      ),
    ]);
  if (entry.kind === 'transform') {
    const schema = { type: 'number', minimum: 0, maximum: 1, default: entry.p };
    // What is shown is the transform at work, however rarely it is applied by itself.
    controls.push(['p', control({ name: 'p', schema, about: 'The probability of applying.' }, 1, draw)]);
    defaults.p = entry.p;
  }
  current = { name, entry, defaults, controls, fixed };
  $('options').replaceChildren(...controls.map(([, { element }]) => element));
  $('no-options').hidden = controls.length > 0;
  $('summary').textContent = about[name].summary;
  $('batch').hidden = entry.kind !== 'mix';
  $('single').hidden = entry.kind === 'mix';
  draw();
}

/** Once a frame, however fast the sliders move. */
function draw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    $('error').textContent = '';
    try {
      drawNow();
    } catch (error) {
      $('error').textContent = error.message;
    }
  });
}

function drawNow() {
  const { name, entry, defaults, controls, fixed } = current;
  const options = { ...fixed, ...Object.fromEntries(controls.map(([key, { read }]) => [key, read()])) };
  const seed = Number($('seed').value);
  const started = performance.now();
  let recipe;
  if (entry.kind === 'mix') {
    const images = [photo, ...others].map((image) => square(image, BATCH_SIDE));
    const result = renderBatch(name, options, seed, images);
    recipe = result.recipe;
    const canvases = [...$('batch').querySelectorAll('canvas')];
    images.forEach((image, i) => void show(canvases[i], image));
    result.images.forEach((image, i) => void show(canvases[images.length + i], image));
  } else {
    const result = render(name, options, seed, photo);
    recipe = result.recipe;
    show($('before'), photo);
    show($('after'), result.image);
    $('size').textContent = `${result.image.width}×${result.image.height}`;
  }
  $('time').textContent = `${(performance.now() - started).toFixed(1)} ms`;
  $('recipe').textContent = json(recipe);
  $('code').textContent = codeLine(name, options, defaults);
  $('nothing').hidden = recipe.length > 0;
}

async function take(file) {
  $('error').textContent = '';
  try {
    photo = await fromFile(file);
    draw();
  } catch (error) {
    $('error').textContent = error.message;
  }
}

function listen() {
  $('transform').addEventListener('input', () => {
    history.replaceState(null, '', `#${$('transform').value}`);
    choose($('transform').value);
  });
  addEventListener('hashchange', () => void fromHash());
  $('seed').addEventListener('input', draw);
  $('again').addEventListener('click', () => {
    $('seed').value = Number($('seed').value) + 1;
    draw();
  });
  $('reset').addEventListener('click', () => choose(current.name));
  $('file').addEventListener('change', () => $('file').files[0] && take($('file').files[0]));
  $('scene').addEventListener('input', async () => {
    photo = await scene(Number($('scene').value));
    draw();
  });
  for (const event of ['dragover', 'drop'])
    addEventListener(event, (drag) => {
      drag.preventDefault();
      if (event === 'drop' && drag.dataTransfer.files[0]) take(drag.dataTransfer.files[0]);
    });
}

function fromHash() {
  const name = decodeURIComponent(location.hash.slice(1));
  choose(FACTORIES.has(name) ? name : 'rotate');
}

async function start() {
  $('longest').textContent = LONGEST;
  await prepare();
  photo = await scene(0);
  others = await Promise.all(Array.from({ length: SCENES - 1 }, (_, i) => scene(i + 1)));
  fillList();
  listen();
  fromHash();
  document.body.dataset.ready = 'true';
}

start().catch((error) => {
  $('error').textContent = `This page needs WebAssembly with SIMD: ${error.message}`;
});
