/** One row of a plan as a sample. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Decoder } from '../../src/io/index.js';
import { prepared } from '../../src/prepare/definition.js';
import type { PlanRow } from '../../src/prepare/plan/plan.js';
import { SampleMaker } from '../../src/prepare/render/sample.js';
import { channelsOf } from '../../src/prepare/render/statistics.js';
import { dataset, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-sample-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function rowOf(path: string): Promise<PlanRow> {
  await write(path, 1);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const about = { width: 48, height: 48, format: 'png', plain: true, label: 0, copy: 0, augmented: false };
  return { key: 'a-0', id: 'a.png', image: { kind: 'file', path }, sha256, ...about };
}

const makerOf = (fields: object) =>
  SampleMaker.create({
    rules: prepared({ source: dataset('', {}, ['one']), ...fields }).rules,
    ...{ transforms: [], seed: 0, classes: ['one'], labels: true },
  });

it('reads a file once: what it compared with the plan is what it renders', async () => {
  const path = join(root, 'a.png');
  const row = await rowOf(path);
  const maker = await makerOf({ size: 24 });
  let reads = 0;
  const image = {
    kind: 'file' as const,
    get path() {
      return reads++ === 0 ? path : join(root, 'gone.png');
    },
  };
  try {
    const { sample } = await maker.make({ ...row, image });
    expect(sample.image).toMatchObject({ width: 24, height: 24, encoding: 'jpeg' });
  } finally {
    maker.dispose();
  }
});

it('keeps every pixel for a format that holds pixels', async () => {
  const row = await rowOf(join(root, 'b.png'));
  using decoder = new Decoder();
  for (const size of [[30, 25], undefined]) {
    const maker = await makerOf({ format: 'raw', size });
    try {
      const { sample, channels } = await maker.make(row);
      const { data, width, height } = await decoder.decode({ kind: 'bytes', bytes: sample.image.bytes });
      expect(sample.image.encoding).toBe('bmp');
      expect([height, width]).toEqual(size ?? [48, 48]);
      expect(channelsOf(data.subarray(0, 3 * width * height))).toEqual(channels);
    } finally {
      maker.dispose();
    }
  }
});
