/** Batches in which few rows have targets: every other row is what the contract says, in memory used before too. */
import { createHash } from 'node:crypto';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Batch, Dataset, Targets } from '../../src/core/index.js';
import { batch, cutmix, pull, samples } from '../../src/stream/index.js';
import { gray, rectangleMask } from './make.js';

const [SIDE, ROWS, BATCHES] = [12, 150, 4];

/** One row in fifty has a mask, others have boxes alone, most have nothing. */
function sparse(): Dataset {
  return {
    name: 'sparse',
    classes: ['a'],
    length: ROWS * BATCHES,
    item(i) {
      const targets: Targets | undefined =
        i % 50 === 7
          ? { masks: { depth: { image: rectangleMask(SIDE, SIDE, [0, 0, SIDE, SIDE], 3), ignore: 9 } } }
          : i % 40 === 3
            ? { boxes: { format: 'voc', items: [{ box: [1, 1, 5, 5], label: 0 }] } }
            : undefined;
      return { id: `${i}`, image: gray(SIDE, SIDE), label: 0, targets };
    },
  };
}

/** The id of a row's mask, which has but one. */
function idOf({ masks }: Batch, row: number): number {
  const ids = new Set(masks?.depth?.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE));
  expect(ids.size).toBe(1);
  return [...ids][0] as number;
}

describe('batches with few targets', () => {
  for (const workers of [0, 2]) {
    it(`row 9: rows without the mask hold its ignore, ${workers} workers`, async () => {
      let seen = 0;
      for await (const one of pull(samples(sparse()).pipe(batch(ROWS, { workers, prefetch: 1 })))) {
        for (let row = 0; row < one.size; row++) {
          const i = one.index * ROWS + row;
          expect(idOf(one, row), `row ${row} of batch ${one.index}`).toBe(i % 50 === 7 ? 3 : 9);
          expect(one.targets?.[row]?.boxes?.length, `row ${row}`).toBe(
            i % 50 !== 7 && i % 40 === 3 ? 1 : undefined,
          );
        }
        // What a later batch forgets to write would be seen.
        one.masks?.depth?.fill(200);
        one.dispose();
        seen++;
      }
      expect(seen).toBe(BATCHES);
    });
  }

  it('row 4: mixed behind a queue as they are mixed in workers', async () => {
    const digest = async (workers: number, queued = false) => {
      const hash = createHash('sha256');
      const rendered = samples(sparse()).pipe(batch(ROWS, { workers }));
      // Behind an operator that is none of a batch stream, the main thread mixes.
      const stream = queued ? rendered.pipe(map((one: Batch) => one)) : rendered;
      for await (const one of pull(cutmix()(stream))) {
        hash.update(one.masks?.depth as Uint8Array).update(JSON.stringify(one.targets));
        one.dispose();
      }
      return hash.digest('hex');
    };
    const inline = await digest(0);
    expect(await digest(2)).toEqual(inline);
    expect(await digest(2, true)).toEqual(inline);
  });
});
