/** A worker that dies while it mixes masks: they are rendered again, and mixed once. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BatchOp, BoundBatchTransform } from '../../src/augment/index.js';
import type { Dataset } from '../../src/core/index.js';
import { asBatchOperator, batch, cutmix, pull, samples } from '../../src/stream/index.js';
import { batchOps } from './plugins/half.mjs';

const half = new URL('./plugins/half.mjs', import.meta.url).href;
const SIDE = 6;

/** Rows of one color, their masks of the same id; every third row has none, every fourth cannot be decoded. */
const data: Dataset = {
  name: 'half',
  classes: ['a'],
  length: 40,
  item(i) {
    const image = new Uint8Array(3 * SIDE * SIDE).fill(i);
    const mask = {
      kind: 'ids',
      data: new Uint8Array(SIDE * SIDE).fill(i),
      width: SIDE,
      height: SIDE,
    } as const;
    const side = i % 4 === 3 ? 0 : SIDE;
    return {
      id: `${i}`,
      image: { kind: 'pixels', data: image, width: side, height: SIDE, channels: 3 },
      label: 0,
      ...(i % 3 !== 1 && { targets: { mask: { image: mask, ignore: 200 } } }),
    };
  },
};

async function mixed(mark: string, workers: number) {
  const turn: BoundBatchTransform = {
    name: 'turnOrExit',
    options: {},
    ops: batchOps as unknown as BatchOp[],
    draw: () => [{ op: 'turnOrExit', params: { mark } }],
  };
  const stream = samples(data).pipe(
    batch(20, { workers, modules: [half], dtype: 'uint8', maxBad: 1 }),
    cutmix(),
    asBatchOperator(turn),
  );
  const all: object[] = [];
  for await (const { images, masks, targets, samples: rows, size, ...one } of pull(stream)) {
    const ids = masks?.mask as Uint8Array;
    for (let p = 0; p < size * SIDE * SIDE; p++) {
      const color = images[3 * p] as number;
      expect(ids[p], `pixel ${p}`).toBe(color % 3 === 1 ? 200 : color);
    }
    all.push({ images: images.slice(), ids: ids.slice(), targets, rows: rows.map(({ id }) => id) });
    one.dispose();
  }
  return all;
}

it('row 4: a worker that dies while masks are mixed leaves none half mixed, and none mixed twice', async () => {
  const mark = join(mkdtempSync(join(tmpdir(), 'rxaug-half-')), 'mark');
  const got = await mixed(mark, 1);
  expect(existsSync(mark)).toBe(true);
  expect(got).toHaveLength(2);
  expect(got).toEqual(await mixed(mark, 0));
});
