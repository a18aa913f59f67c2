/** The pages that a command makes: nothing is missing from them, and what they show is there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { BATCH_TRANSFORMS, TRANSFORMS } from '../src/augment/index.js';
import { layerKinds, modelKinds } from '../src/train/index.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const page = readFileSync(`${docs}transforms.md`, 'utf8');

it('docs/transforms.md has every transform and mix; where it does not, run npm run docs', () => {
  const shown = [...page.matchAll(/^### (\w+)$/gm)].map((match) => match[1]);
  const names = [...TRANSFORMS.map(({ spec }) => spec.name), ...BATCH_TRANSFORMS.map(({ op }) => op.name)];
  expect(names.filter((name) => !shown.includes(name))).toEqual([]);
  expect(new Set(shown).size).toBe(shown.length);
});

it('docs/transforms.md puts each transform under the heading of its folder', () => {
  const [, geometric = '', crop = ''] = page.split(/^## /m);
  expect(geometric).toMatch(/^Geometric\n/);
  expect(geometric).toContain('\n### rotate\n');
  expect(crop).toMatch(/^Crop and resize\n/);
  expect(crop).toContain('\n### randomResizedCrop\n');
});

it('its pictures are there, and there are no others', () => {
  const shown = [...page.matchAll(/\]\((transforms\/\w+\.jpg)\)/g)].map((match) => match[1] as string);
  expect(shown.filter((path) => !existsSync(docs + path))).toEqual([]);
  expect(readdirSync(`${docs}transforms`).sort()).toEqual(shown.map((path) => path.slice(11)).sort());
  const bytes = shown.reduce((sum, path) => sum + statSync(docs + path).size, 0);
  expect(bytes).toBeLessThan(1.5e6);
});

it('docs/models.md lists every model and every layer', () => {
  const told = readFileSync(`${docs}models.md`, 'utf8');
  const names = [...modelKinds, ...layerKinds].map(({ name }) => name).filter((name) => name !== 'layers');
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(told))).toEqual([]);
});
