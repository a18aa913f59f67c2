/** What the writers of COCO and YOLO write, read by pycocotools and PyYAML where they are installed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { BoundingBox } from '../../src/core/index.js';
import { cocoFormat } from '../../src/io/write/coco.js';
import type { OutputFormat, OutputSample, OutputSchema } from '../../src/io/write/output.js';
import { pngOfIds } from '../../src/io/write/png.js';
import { yoloFormat } from '../../src/io/write/yolo.js';
import { scratchFolder } from '../io/make.js';
import { png } from './make.js';

/** `RXAUG_TEST_PYTHON` names the Python of a virtual environment. */
const candidates = [process.env.RXAUG_TEST_PYTHON, 'python3', 'python'].filter((name) => name !== undefined);
const python = candidates.find((name) => spawnSync(name, ['-c', 'import pycocotools, yaml']).status === 0);
const why = python ? '' : ' (skipped: no Python here has pycocotools and pyyaml)';

describe.skipIf(!python)(`read by pycocotools and PyYAML${why}`, () => {
  test('boxes, masks, keypoints, classes; a perfect score against itself', async () => {
    const dir = join(scratchFolder(), 'data');
    mkdirSync(dir);
    const image = { bytes: await png(20, 10), encoding: 'png', width: 20, height: 10 } as const;
    const ids = new Uint8Array(200).map((_, i) => (i % 20 < 7 && i > 60 ? 1 : i % 7 === 0 ? 2 : 0));
    const boxes: BoundingBox[] = [
      { box: [0, 3, 7, 10], label: 1, instance: 1 },
      { box: [0.5, 0.25, 19.5, 10], label: 0, instance: 2 },
    ];
    const keypoints = [
      { x: 1.5, y: 4.5, name: 'nose', instance: 1 },
      { x: 0, y: 0, name: 'tail', instance: 1, visible: false },
    ];
    const sample: OutputSample = {
      key: 'a/b',
      image,
      boxes,
      keypoints,
      masks: { instances: { png: pngOfIds(ids, 20, 10) } },
      meta: { from: 'é' },
    };
    const schema: OutputSchema = {
      name: 'made',
      classes: [],
      boxClasses: ['no', 'a: "b" # é'],
      masks: ['instances'],
      keypoints: true,
      labels: false,
    };
    await write(cocoFormat, schema, [sample], dir);
    const bare = { ...sample, keypoints: undefined, masks: undefined };
    await write(yoloFormat, { ...schema, masks: [], keypoints: false }, [bare], dir, 'val');
    const script = fileURLToPath(new URL('../golden/annotations/read.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(python as string, [script, dir], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const found = JSON.parse(stdout);
    const pixels = (id: number) => [...ids].map((one) => Number(one === id));
    const area = (id: number) => pixels(id).reduce((sum, one) => sum + one, 0);
    expect(found.annotations).toEqual([
      {
        file: 'a/b.png',
        category: 'a: "b" # é',
        bbox: [0, 3, 7, 7],
        area: area(1),
        keypoints: [1, 4, 2, 0, 0, 0],
        pixels: pixels(1),
      },
      {
        file: 'a/b.png',
        category: 'no',
        bbox: [0.5, 0.25, 19, 9.75],
        area: area(2),
        keypoints: null,
        pixels: pixels(2),
      },
    ]);
    expect(found.precision).toBeCloseTo(1, 6);
    expect(found.yaml).toEqual({ val: 'images/val', nc: 2, names: { 0: 'no', 1: 'a: "b" # é' } });
  });
});

async function write(
  format: OutputFormat,
  schema: OutputSchema,
  samples: OutputSample[],
  dir: string,
  split = 'train',
) {
  const writer = format.shard({ dir, split, index: 0, count: 1 }, schema);
  for (const one of samples) await writer.add(one);
  const files = await writer.finish();
  const shard = { split, index: 0, samples: samples.length, files };
  await format.index?.(dir, [shard], schema, async (file) => readFileSync(join(dir, file)));
}
