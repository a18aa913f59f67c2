/** Filters without a model are asked first, wherever they stand: what they leave out costs no run of a model. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { resize } from '../../src/augment/index.js';
import { childPool } from '../../src/core/children/pool.js';
import { encodeImage } from '../../src/io/encode.js';
import { dryRun } from '../../src/prepare/dry-run.js';
import {
  aspectFilter,
  exposureFilter,
  type Filter,
  sharpnessFilter,
  sizeFilter,
} from '../../src/prepare/filters.js';
import { linesOf } from '../../src/prepare/jsonl.js';
import type { Facts } from '../../src/prepare/scan/facts.js';
import { classifierFilter, scoreFilter } from '../../src/prepare/score/filters.js';
import type { PrepareInit, PrepareResult, PrepareTask } from '../../src/prepare/work.js';
import { useBackend } from '../train/golden.js';
import { dataset, prepareHere, write } from './here.js';
import { brightness, COLORS, colorClassifier, modelFolder } from './score-models.js';

const { root, saved, freshOut } = modelFolder('before-models');

const images = {
  'banner.png': 0,
  'black.png': 0,
  'good.png': 0,
  'smooth.png': 0,
  'tiny.png': 0,
  'white.png': 0,
};
const source = () => dataset(root, images, COLORS);

/** A gray picture of these levels. */
async function gray(
  name: string,
  width: number,
  height: number,
  level: (x: number) => number,
): Promise<void> {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => level(Math.floor(i / 3) % width));
  writeFileSync(join(root, name), await encodeImage({ data, width, height }, 'png'));
}

let critic: string;
let model: string;
beforeAll(async () => {
  await useBackend('cpu');
  critic = saved(brightness());
  model = saved(colorClassifier());
  await write(join(root, 'good.png'), 1);
  await write(join(root, 'tiny.png'), 2, 16);
  await gray('banner.png', 96, 24, (x) => (x % 2) * 255);
  await gray('black.png', 48, 48, () => 0);
  await gray('smooth.png', 48, 48, (x) => 5 * x);
  await gray('white.png', 48, 48, (x) => 215 + 39 * (Math.floor(x / 6) % 2));
});

const transforms = [resize({ size: [8, 8] })];
/** Refuses the black image and the white one. */
const score = () => scoreFilter({ model: critic, transforms, min: 0.05, max: 0.75 });
const cheap = () => [
  sizeFilter({ min: 20 }),
  aspectFilter({ max: 2 }),
  sharpnessFilter({ min: 30 }),
  exposureFilter(),
];

async function run(
  filters: readonly Filter[],
  more: Parameters<typeof prepareHere>[2] = {},
  out = freshOut(),
) {
  const definition = { source: source(), filters, nearDuplicates: 'ignore' as const };
  const { manifest, notices } = await prepareHere(definition, out, more);
  const [, ...facts] = linesOf<Facts>(readFileSync(join(out, '.rxaug/scan.jsonl')));
  const scored = Object.keys(images).filter((_, i) => facts[i]?.scores !== undefined);
  const refused = linesOf<{ id: string; by: string }>(readFileSync(join(out, 'refused.jsonl')));
  const by = Object.fromEntries(refused.map((one) => [one.id, one.by]));
  return { out, manifest, notices, scored, by };
}

const told = {
  'banner.png': 'aspect',
  'black.png': 'sharpness',
  'smooth.png': 'sharpness',
  'tiny.png': 'size',
  'white.png': 'score',
};

it.each([
  ['behind the model', () => [score(), ...cheap()]],
  ['before it', () => [...cheap(), score()]],
])('a model scores what other filters keep, and their reasons are told: %s', async (_, filters) => {
  const { scored, by, manifest, out } = await run(filters());
  expect(by).toEqual(told);
  expect(scored).toEqual(['good.png', 'white.png']);
  expect(manifest.scores?.[0]).toMatchObject({ filter: 'score', images: 2, without: 0, beyond: 1 });
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Beyond them: 1 of 2 images (50.0 %)');
});

it.each([
  ['size', () => sizeFilter({ min: 20 }), ['tiny.png']],
  ['aspect', () => aspectFilter({ max: 2 }), ['banner.png']],
  ['sharpness', () => sharpnessFilter({ min: 30 }), ['black.png', 'smooth.png']],
  ['exposure', () => exposureFilter(), ['black.png']],
])('%s alone', async (name, make, gone) => {
  const filters = [classifierFilter({ model, transforms, min: 0.001 }), make()];
  const { scored, by } = await run(filters);
  expect(by).toEqual(Object.fromEntries(gone.map((id) => [id, name])));
  expect(scored).toEqual(Object.keys(images).filter((id) => !gone.includes(id)));
});

it('filters of a pipeline, and copies of ours that decide otherwise, are asked first too, but of images with scores', async () => {
  const own: Filter = { ...sizeFilter({ min: 20 }), refuse: () => undefined };
  const mine: Filter = {
    ...{ name: 'mine', options: {}, pixels: false },
    refuse: ({ height }) => (height === 48 ? undefined : 'it is not of mine'),
  };
  const { scored, by } = await run([score(), own, mine]);
  expect(scored).toEqual(Object.keys(images));
  expect(by).toEqual({
    'banner.png': 'mine',
    'tiny.png': 'mine',
    'black.png': 'score',
    'white.png': 'score',
  });
});

it('is the same plan with any number of processes; with other limits images are scanned anew', async () => {
  const filters = [score(), ...cheap()];
  const alone = await run(filters);
  const { signal } = new AbortController();
  const module = new URL('../../dist/cli/prepare/child.js', import.meta.url);
  const pool = (init: PrepareInit) =>
    childPool<PrepareTask, PrepareResult>({ module, init, workers: 2, signal, owner: 'prepare' });
  const many = await run(filters, { pool, isolated: pool });
  expect(many.manifest.plan).toBe(alone.manifest.plan);
  expect([many.scored, many.by]).toEqual([alone.scored, alone.by]);
  rmSync(join(alone.out, '.rxaug/plan.json'));
  rmSync(join(alone.out, '.rxaug/done'), { recursive: true });
  rmSync(join(alone.out, 'train'), { recursive: true, force: true });
  const plan = { resume: true, planOnly: true };
  const other = [score(), sizeFilter({ min: 10 }), ...cheap().slice(1)];
  const definition = { source: source(), filters: other, nearDuplicates: 'ignore' as const };
  const { notices } = await prepareHere(definition, alone.out, plan);
  expect(notices[0]).toContain('other filters are asked before models, which score other images');
  const [, ...facts] = linesOf<Facts>(readFileSync(join(alone.out, '.rxaug/scan.jsonl')));
  expect(facts[4]?.scores).toBeDefined(); // tiny.png
}, 120_000);

it('a dry run counts the same', async () => {
  const { signal } = new AbortController();
  const { localPool } = await import('../../src/core/children/pool.js');
  const { prepareWork } = await import('../../src/prepare/work.js');
  const definition = { source: source(), filters: [score(), ...cheap()], nearDuplicates: 'ignore' as const };
  const { refused } = await dryRun(definition, {
    ...{ name: 'dry', seed: 0, signal, status: () => undefined, notice: () => undefined },
    pool: (init) => localPool(prepareWork(init), signal),
  });
  expect(refused).toEqual({ aspect: 1, sharpness: 2, size: 1, score: 1 });
});
