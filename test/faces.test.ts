/** What each entry point exports: a name comes, goes or moves on purpose, with its line in `test/faces/`. */
import * as rxjs from 'rxjs';
import { describe, expect, test } from 'vitest';

const FACES = {
  rxaug: () => import('../src/index.js'),
  layers: () => import('../src/faces/layers.js'),
  gan: () => import('../src/faces/gan.js'),
  onnx: () => import('../src/faces/onnx.js'),
  datasets: () => import('../src/faces/datasets.js'),
  report: () => import('../src/faces/report.js'),
  search: () => import('../src/faces/search.js'),
  prepare: () => import('../src/faces/prepare.js'),
  plugin: () => import('../src/faces/plugin.js'),
  testing: () => import('../src/testing/index.js'),
} as const;

describe('entry points', () => {
  test.each(Object.entries(FACES))('%s exports exactly the names of its list', async (name, load) => {
    const names = Object.keys(await load()).sort();
    await expect(`${names.join('\n')}\n`).toMatchFileSnapshot(`faces/${name}.txt`);
  });

  test('the root has at most 200 names, and none that RxJS has as well', async () => {
    const names = Object.keys(await FACES.rxaug());
    expect(names.length).toBeLessThanOrEqual(200);
    expect(names.filter((name) => name in rxjs)).toEqual([]);
  });
});
