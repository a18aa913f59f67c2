/** 20,000 random chains of transforms: mask, box and keypoint of one object stay together, whatever is done. */
import { createHash } from 'node:crypto';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { resize } from '../../src/augment/index.js';
import type { Dataset, Sample } from '../../src/core/index.js';
import { fold, keyOf } from '../../src/core/index.js';
import { batch, pull, samples } from '../../src/stream/index.js';
import { chainOf, sceneOf, violation } from './chains.js';
import { gray, rectangleMask } from './make.js';

const CHAINS = 20_000;

describe('chains of one to three transforms', () => {
  it(`${CHAINS} of them, 0 violations`, () => {
    const violations: string[] = [];
    let refused = 0;
    for (let i = 0; i < CHAINS; i++) {
      const wrong = violation(i);
      if (wrong === null) refused++;
      else if (wrong !== undefined) violations.push(wrong);
    }
    expect(violations.slice(0, 5)).toEqual([]);
    expect(violations).toHaveLength(0);
    expect(refused).toBeLessThan(CHAINS / 20);
  }, 600_000);

  it(`the same ${CHAINS} in workers: masks, boxes and keypoints to the byte`, async () => {
    const data: Dataset = {
      name: 'chains',
      classes: ['a'],
      length: CHAINS,
      item(i) {
        const { width, height, box } = sceneOf(i);
        return {
          id: `chain ${i}`,
          image: gray(width, height),
          label: 0,
          targets: {
            mask: rectangleMask(width, height, box, 1),
            boxes: { format: 'voc', items: [{ box, label: 0 }] },
            keypoints: { items: [{ x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2 }] },
            erased: i % 2 === 0 ? 'hide' : 'keep',
          },
        };
      },
    };
    const last = resize(16).transform.draw(fold(keyOf(0), 0), 0);
    const draw = map((sample: Sample) => sample.drawn([...chainOf(sample.index), ...last]));
    const digest = async (workers: number) => {
      const hash = createHash('sha256');
      let [size, bad] = [0, 0];
      for await (const one of pull(
        samples(data).pipe(draw, batch(250, { workers, dtype: 'uint8', maxBad: 1 })),
      )) {
        hash.update(one.masks?.mask as Uint8Array).update(JSON.stringify([one.targets, one.bad]));
        size += one.size;
        bad += one.bad.length;
        one.dispose();
      }
      return { digest: hash.digest('hex'), size, bad };
    };
    const inline = await digest(0);
    expect(inline.size + inline.bad).toBe(CHAINS);
    expect(inline.bad).toBeLessThan(CHAINS / 20);
    expect(await digest(2)).toEqual(inline);
  }, 600_000);
});
